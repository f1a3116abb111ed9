import type { DelegatedAnswer, PendingJoin } from '../execute/index.ts';
import type { DelegatedItem, DelegatedSelection } from '../plan/index.ts';
import { isJsonObject, type Json, type JsonObject } from '../support/index.ts';

/**
 * What is selected of an answer, with the members that joins fill in. A nested object that is not in the answer is left out of the result, and so is
 * one that is no object; a list or null may stand for any. Source: spec/actions.md 8.4.
 */
export function project(value: Json, selection: DelegatedSelection | null): DelegatedAnswer {
  const joins: PendingJoin[] = [];
  if (selection === null) return { value, joins };
  return { value: projectValue(value, selection, joins) ?? null, joins };
}

function projectValue(value: Json, selection: DelegatedSelection, joins: PendingJoin[]): Json | undefined {
  if (value === null) return null;
  if (Array.isArray(value)) {
    const items = (value as readonly Json[]).map((item) => projectValue(item, selection, joins));
    return items.filter((item) => item !== undefined);
  }
  if (!isJsonObject(value)) return undefined;
  const { name } = selection.type;
  const result: Record<string, Json> = Object.create(null);
  for (const item of selection.byType.get(name) ?? []) projectItem(item, value, name, result, joins);
  return result;
}

function projectItem(
  item: DelegatedItem,
  value: JsonObject,
  typeName: string,
  result: Record<string, Json>,
  joins: PendingJoin[],
): void {
  switch (item.kind) {
    case 'typename':
      result[item.key] = typeName;
      break;
    case 'field': {
      const { name, selection } = item.field;
      const member = value[name];
      if (selection === null) {
        result[item.key] = member ?? null;
        break;
      }
      const projected = member === undefined ? undefined : projectValue(member, selection, joins);
      if (projected !== undefined) result[item.key] = projected;
      break;
    }
    case 'join': {
      result[item.key] = null;
      const values = item.fields.map((field) => value[field] ?? null);
      if (!values.includes(null)) joins.push({ holder: result, key: item.key, join: item.join, values });
      break;
    }
  }
}
