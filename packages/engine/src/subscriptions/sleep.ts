/** Waits for the next poll, unless it is woken before. */
export class Sleep {
  /** Set while one sleeps. */
  #wake: (() => void) | null = null;

  wake(): void {
    this.#wake?.();
  }

  for(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#wake = null;
        resolve();
      };
      const timer = setTimeout(wake, ms);
      this.#wake = wake;
    });
  }
}
