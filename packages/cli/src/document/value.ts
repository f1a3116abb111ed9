/**
 * What JSON and YAML documents hold, without loss: mappings keep the order of all their keys (also `1` and `__proto__`), numbers keep their digits.
 */
export type Value = null | boolean | string | NumberText | readonly Value[] | Mapping;

export type Mapping = ReadonlyMap<string, Value>;

/** A number as JSON writes it, for example `1.50`. */
export class NumberText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export function isMapping(value: Value | undefined): value is Mapping {
  return value instanceof Map;
}

export function isList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

/** A mapping of the pairs whose value is there. */
export function mappingOf(pairs: Iterable<readonly [string, Value | undefined]>): Mapping {
  const mapping = new Map<string, Value>();
  for (const [key, value] of pairs) if (value !== undefined) mapping.set(key, value);
  return mapping;
}

/** The members that are mappings; none of what is no list. */
export function mappingsIn(value: Value | undefined): readonly Mapping[] {
  return isList(value) ? value.filter(isMapping) : [];
}

/** Null, an empty list or an empty mapping. */
export function isEmpty(value: Value): boolean {
  return value === null || (isList(value) && value.length === 0) || (isMapping(value) && value.size === 0);
}

/** Equal, whatever the order of keys. */
export function isSame(a: Value, b: Value): boolean {
  if (isMapping(a)) {
    if (!isMapping(b) || a.size !== b.size) return false;
    for (const [key, value] of a) {
      const other = b.get(key);
      if (other === undefined || !isSame(value, other)) return false;
    }
    return true;
  }
  if (isList(a)) {
    return isList(b) && a.length === b.length && a.every((member, at) => isSame(member, b[at] ?? null));
  }
  if (a instanceof NumberText) return b instanceof NumberText && a.text === b.text;
  return a === b;
}

/** As JavaScript objects and numbers, for code that wants those; digits beyond a number's are lost. */
export function toPlain(value: Value): unknown {
  if (isMapping(value)) {
    const plain: Record<string, unknown> = {};
    for (const [key, member] of value) {
      // an assignment to `__proto__` would change what is inherited
      Object.defineProperty(plain, key, {
        value: toPlain(member),
        enumerable: true,
        writable: true,
        configurable: true,
      });
    }
    return plain;
  }
  if (isList(value)) return value.map(toPlain);
  return value instanceof NumberText ? Number(value.text) : value;
}
