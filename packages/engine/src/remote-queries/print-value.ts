import { isJsonObject, type Json, JsonNumber } from '../support/index.ts';

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

export function printObject(members: readonly (readonly [name: string, text: string])[]): string {
  return `{${members.map(([name, text]) => `${name}: ${text}`).join(',')}}`;
}

/** Nothing for no arguments. */
export function printArguments(given: readonly (readonly [name: string, text: string])[]): string {
  return given.length === 0 ? '' : `(${given.map(([name, text]) => `${name}: ${text}`).join(',')})`;
}
