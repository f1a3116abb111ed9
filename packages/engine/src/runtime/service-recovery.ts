/** Waits between questions to remote schemas that could not be used: the first, doubled after each one that helped nothing, up to the last. */
const firstWaitMs = 15_000;
const lastWaitMs = 300_000;

export interface ServiceRecoveryOptions {
  readonly isNeeded: () => boolean;
  /** Asks those that failed; not awaited by anything but the next question. */
  readonly ask: () => Promise<void>;
  readonly onError: (error: unknown) => void;
}

/** While some remote schema cannot be used, asks it again and again, ever less often. */
export class ServiceRecovery {
  readonly #options: ServiceRecoveryOptions;
  #waitMs = firstWaitMs;
  #timer: NodeJS.Timeout | null = null;
  #asking: Promise<void> | null = null;
  #isStopped = false;

  constructor(options: ServiceRecoveryOptions) {
    this.#options = options;
  }

  /** To be called whenever another state is in force. */
  stateChanged(): void {
    this.#waitMs = firstWaitMs;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#schedule();
  }

  stop(): void {
    this.#isStopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #schedule(): void {
    const { isNeeded, ask, onError } = this.#options;
    if (this.#isStopped || this.#timer !== null || this.#asking !== null || !isNeeded()) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#waitMs = Math.min(this.#waitMs * 2, lastWaitMs);
      this.#asking = ask()
        .catch(onError)
        .finally(() => {
          this.#asking = null;
          this.#schedule();
        });
    }, this.#waitMs);
    this.#timer.unref();
  }
}
