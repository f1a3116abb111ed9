import { type Codec, compareText, list, refine } from './codec.ts';

/** A list that is written in the order of a key. */
export function sortedList<T>(codec: Codec<T>, keyOf: (item: T) => string): Codec<readonly T[]> {
  const plain = list(codec);
  return {
    decode: (value, place) => plain.decode(value, place),
    encode: (items) =>
      plain.encode([...items].sort((first, second) => compareText(keyOf(first), keyOf(second)))),
  };
}

/** A list in which a key may occur once, sorted by it or by `orderOf`; `what` names the items in the error, in the plural. */
export function uniqueList<T>(
  what: string,
  codec: Codec<T>,
  keyOf: (item: T) => string,
  orderOf: (item: T) => string = keyOf,
): Codec<readonly T[]> {
  return refine(sortedList(codec, orderOf), (items, place) => {
    const repeated = duplicates(items.map(keyOf));
    return repeated.length === 0
      ? items
      : place.fail(`multiple declarations exist for the following ${what}: ${repeated.join(', ')}`);
  });
}

/** A sorted list in which the last of several items with one key counts, in the place of the first. */
export function lastWinsList<T>(codec: Codec<T>, keyOf: (item: T) => string): Codec<readonly T[]> {
  return refine(sortedList(codec, keyOf), (items) => [
    ...new Map(items.map((item) => [keyOf(item), item])).values(),
  ]);
}

/** What occurs more than once, each once, in order of first occurrence. */
export function duplicates(keys: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return [...counts].filter(([, count]) => count > 1).map(([key]) => key);
}
