/** How much may be stored, so that answers do not flood the store: a bucket of bytes that fills up steadily. */
export class WriteBudget {
  readonly #bytesPerSecond: number;
  readonly #maximumBytes: number;
  readonly #now: () => number;
  #bytes: number;
  #at: number;

  /** @param now a clock in milliseconds */
  constructor(
    options: { readonly bytesPerSecond: number; readonly maximumBytes: number },
    now: () => number = () => performance.now(),
  ) {
    this.#bytesPerSecond = options.bytesPerSecond;
    this.#maximumBytes = options.maximumBytes;
    this.#now = now;
    this.#bytes = options.maximumBytes;
    this.#at = now();
  }

  /** False: there is not so much left; nothing is taken then. */
  take(bytes: number): boolean {
    const now = this.#now();
    const gained = ((now - this.#at) / 1000) * this.#bytesPerSecond;
    this.#bytes = Math.min(this.#maximumBytes, this.#bytes + Math.max(0, gained));
    this.#at = now;
    if (bytes > this.#bytes) return false;
    this.#bytes -= bytes;
    return true;
  }
}
