/** So many may work at the same time; the others wait in order. Who waits is bounded by the loops, which hold two batches each. */
export class Slots {
  readonly size: number;
  #taken = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(size: number) {
    this.size = size;
  }

  /** How many work now. */
  get taken(): number {
    return this.#taken;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#taken < this.size) this.#taken++;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      // a slot is handed on, so that nobody who comes now overtakes
      const next = this.#waiting.shift();
      if (next === undefined) this.#taken--;
      else next();
    }
  }
}
