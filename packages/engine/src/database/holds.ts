/** Counts those who need something to stay open. */
export class Holds {
  #count = 0;
  #onReleased: (() => void) | null = null;

  /** The result ends the hold; calling it again does nothing. */
  take(): () => void {
    this.#count++;
    let isReleased = false;
    return () => {
      if (isReleased) return;
      isReleased = true;
      this.#count--;
      if (this.#count === 0) this.#onReleased?.();
    };
  }

  /** Resolves when nobody holds any more, at most after the deadline. */
  async released(deadlineMs: number): Promise<void> {
    if (this.#count === 0) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#onReleased = resolve;
      timer = setTimeout(resolve, deadlineMs);
    });
    clearTimeout(timer);
  }
}
