/** What YAML files hold. */
export type Value = null | boolean | number | string | Value[] | { [key: string]: Value };

export function isObject(value: Value | undefined): value is { [key: string]: Value } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
