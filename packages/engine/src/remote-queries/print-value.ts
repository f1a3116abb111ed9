import { isJsonObject, type Json, JsonNumber, Path, RequestError } from '../support/index.ts';

/** A JSON value as GraphQL writes it: compact, as spec/remote-schemas.md 6.2 says. */
export function printJson(value: Json): string {
  if (value instanceof JsonNumber) return value.text;
  if (Array.isArray(value)) return printList((value as readonly Json[]).map(printJson));
  if (!isJsonObject(value)) return JSON.stringify(value);
  return printObject(Object.entries(value).map(([name, member]) => [name, printJson(member)]));
}

export function printList(items: readonly string[]): string {
  return `[${items.join(',')}]`;
}

/** @throws RequestError for names that would be something else than names in a document */
export function printObject(members: readonly (readonly [name: string, text: string])[]): string {
  for (const [name] of members) {
    if (isGraphqlName(name)) continue;
    throw new RequestError(
      'validation-failed',
      Path.root,
      `variable value contains an object with key ${JSON.stringify(name)}, which is not a legal GraphQL name`,
    );
  }
  return `{${members.map(([name, text]) => `${name}: ${text}`).join(',')}}`;
}

/** Nothing for no arguments. */
export function printArguments(given: readonly (readonly [name: string, text: string])[]): string {
  return given.length === 0 ? '' : `(${given.map(([name, text]) => `${name}: ${text}`).join(',')})`;
}

function isGraphqlName(text: string): boolean {
  return /^[_A-Za-z][_0-9A-Za-z]*$/.test(text);
}
