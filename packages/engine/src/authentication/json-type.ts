/** What is said of a value that has the wrong type, in the words of Hasura's decoder of JSON. */
export function wrongType(what: string, expected: string, found: unknown): string {
  return `parsing ${what} failed, expected ${expected}, but encountered ${jsonTypeName(found)}`;
}

function jsonTypeName(value: unknown): string {
  if (value === null) return 'Null';
  if (Array.isArray(value)) return 'Array';
  const names: Readonly<Record<string, string>> = { string: 'String', number: 'Number', boolean: 'Boolean' };
  return names[typeof value] ?? 'Object';
}
