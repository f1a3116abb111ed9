/**
 * Fields, arguments and enum values by name. A large schema has millions, nearly all of which are only gone through, for introspection: so each list of them is made
 * into a map no sooner than something is looked up in it.
 */

interface Named {
  readonly name: string;
}

/** By name; of two with one name the first stays. In the given order. */
export function byName<T extends Named>(items: Iterable<T>): ReadonlyMap<string, T> {
  return new NamedMembers(items);
}

/** A table by name is taken as it is, so that types with equal members can share it. */
export type Members<T> = Iterable<T> | ReadonlyMap<string, T>;

export function membersByName<T extends Named>(members: Members<T>): ReadonlyMap<string, T> {
  return isByName(members) ? members : byName(members);
}

function isByName<T extends Named>(members: Members<T>): members is ReadonlyMap<string, T> {
  return members instanceof NamedMembers || members instanceof Map;
}

/** The members in the order of their names. */
export function sortedMembers<T extends Named>(members: ReadonlyMap<string, T>): readonly T[] {
  return members instanceof NamedMembers ? members.sorted : [...members.values()].sort(compareNames);
}

export function compareNames(a: Named, b: Named): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

class NamedMembers<T extends Named> implements ReadonlyMap<string, T> {
  readonly #items: readonly T[];
  #sorted: readonly T[] | null = null;
  #byName: ReadonlyMap<string, T> | null = null;

  constructor(items: Iterable<T>) {
    this.#items = Array.isArray(items) ? items : listOf(items);
  }

  get sorted(): readonly T[] {
    this.#sorted ??= isAscending(this.#items) ? this.#items : sortedOnce(this.#items);
    return this.#sorted;
  }

  get size(): number {
    return this.#map().size;
  }

  get(name: string): T | undefined {
    return this.#map().get(name);
  }

  has(name: string): boolean {
    return this.#map().has(name);
  }

  keys(): MapIterator<string> {
    return this.#map().keys();
  }

  values(): MapIterator<T> {
    return this.#map().values();
  }

  entries(): MapIterator<[string, T]> {
    return this.#map().entries();
  }

  [Symbol.iterator](): MapIterator<[string, T]> {
    return this.entries();
  }

  forEach(action: (member: T, name: string, members: ReadonlyMap<string, T>) => void): void {
    this.#map().forEach(action);
  }

  #map(): ReadonlyMap<string, T> {
    this.#byName ??= mapOf(this.#items);
    return this.#byName;
  }
}

/** A loop takes less time than `Array.from`. */
function listOf<T>(items: Iterable<T>): readonly T[] {
  const list: T[] = [];
  for (const item of items) list.push(item);
  return list;
}

function mapOf<T extends Named>(items: readonly T[]): ReadonlyMap<string, T> {
  const map = new Map<string, T>();
  for (const item of items) if (!map.has(item.name)) map.set(item.name, item);
  return map;
}

/** Sorted, each name once. */
function isAscending(items: readonly Named[]): boolean {
  let last: string | null = null;
  for (const { name } of items) {
    if (last !== null && last >= name) return false;
    last = name;
  }
  return true;
}

/** Sorting keeps the order of equals, so that the first is the one that was given first. */
function sortedOnce<T extends Named>(items: readonly T[]): readonly T[] {
  const sorted = [...items].sort(compareNames);
  return isAscending(sorted) ? sorted : sorted.filter(({ name }, at) => name !== sorted[at - 1]?.name);
}
