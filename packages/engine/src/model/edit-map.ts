/**
 * The map with some entries set, or taken out where an edit is undefined; the same map when there are no edits. A copy costs little beside making
 * the entries, however many there are.
 * @param order all keys in their order, entries of others among them; what is set under a key of its own takes its place in it
 */
export function editMap<V>(
  map: ReadonlyMap<string, V>,
  edits: ReadonlyMap<string, V | undefined>,
  order: { readonly keys: readonly string[]; readonly isAsBefore: boolean },
): ReadonlyMap<string, V> {
  if (edits.size === 0 && order.isAsBefore) return map;
  const edited = new Map(map);
  let staysInOrder = order.isAsBefore;
  for (const [key, value] of edits) {
    if (value === undefined) {
      edited.delete(key);
      continue;
    }
    staysInOrder &&= edited.has(key);
    edited.set(key, value);
  }
  return staysInOrder ? edited : inOrder(edited, order.keys);
}

function inOrder<V>(map: ReadonlyMap<string, V>, keys: readonly string[]): ReadonlyMap<string, V> {
  const ordered = new Map<string, V>();
  for (const key of keys) {
    const value = map.get(key);
    if (value !== undefined) ordered.set(key, value);
  }
  return ordered;
}
