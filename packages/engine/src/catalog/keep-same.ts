import type { Catalog } from './types.ts';

/**
 * The catalogue that was read, with the tables, functions and types of the one before where it says the same: what was made of those is then known to be
 * as it was. All or nothing, because types are shared.
 */
export function keepSame(known: Catalog, read: Catalog): Catalog {
  const isSame = equality();
  if (
    known.serverVersion !== read.serverVersion ||
    !isSame(known.types, read.types) ||
    !isSame(known.tables, read.tables) ||
    !isSame(known.functions, read.functions)
  ) {
    return read;
  }
  return { ...read, tables: known.tables, functions: known.functions, types: known.types };
}

/** Whether two values are the same data, in the same order. Types are compared once. */
function equality(): (one: unknown, other: unknown) => boolean {
  const compared = new Map<object, object>();
  const isSame = (one: unknown, other: unknown): boolean => {
    if (one === other) return true;
    if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
    if ('sqlName' in one) {
      // a type, which many share
      if (compared.get(one) === other) return true;
      compared.set(one, other);
    }
    if (one instanceof Map) return other instanceof Map && isSameMap(one, other);
    if (Array.isArray(one)) {
      return (
        Array.isArray(other) &&
        one.length === other.length &&
        one.every((value, index) => isSame(value, other[index]))
      );
    }
    if (other instanceof Map || Array.isArray(other)) return false;
    const keys = Object.keys(one);
    if (keys.length !== Object.keys(other).length) return false;
    const [ofOne, ofOther] = [one as Record<string, unknown>, other as Record<string, unknown>];
    return keys.every((key) => Object.hasOwn(other, key) && isSame(ofOne[key], ofOther[key]));
  };
  const isSameMap = (one: ReadonlyMap<unknown, unknown>, other: ReadonlyMap<unknown, unknown>): boolean => {
    if (one.size !== other.size) return false;
    const others = other.entries();
    for (const [key, value] of one) {
      const [otherKey, otherValue] = others.next().value ?? [];
      if (key !== otherKey || !isSame(value, otherValue)) return false;
    }
    return true;
  };
  return isSame;
}
