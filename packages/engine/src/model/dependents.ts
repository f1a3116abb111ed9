/**
 * Which tables may have to be made anew when others change: a search the other way round, from what was looked up to who looked. It only ever grows, so
 * that models made from one another share it, those that are never put in force among them; who is named here looks whether it finds the same again.
 */
export class Dependents {
  readonly #byKey = new Map<string, string[]>();
  #size = 0;
  #sizeAtFirst = 0;

  /** @param entries who looked what up at first */
  constructor(entries: Iterable<readonly [dependent: string, on: Iterable<string>]> = []) {
    for (const [dependent, on] of entries) this.add(dependent, on);
    this.#sizeAtFirst = this.#size;
  }

  add(dependent: string, on: Iterable<string>): void {
    for (const key of on) {
      const known = this.#byKey.get(key);
      if (known === undefined) this.#byKey.set(key, [dependent]);
      else if (known.at(-1) === dependent) continue;
      else known.push(dependent);
      this.#size++;
    }
  }

  /** All that may depend on one of them. */
  of(keys: Iterable<string>): Set<string> {
    const found = new Set<string>();
    for (const key of keys) for (const dependent of this.#byKey.get(key) ?? []) found.add(dependent);
    return found;
  }

  /** Whether so much was added that making it anew saves more than it costs. */
  get isOvergrown(): boolean {
    return this.#size > 2 * this.#sizeAtFirst + spare;
  }
}

const spare = 10_000;
