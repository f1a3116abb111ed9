/**
 * The shape of rows that a variable holds: all that the plan of an insert depends on. Which members are given, in which order, decides; the values
 * of plain columns do not.
 */
import type { InputObjectType } from '../../schema/index.ts';
import { isJsonObject, type Json, stringifyJson } from '../../support/index.ts';
import { valueReader } from '../column-values.ts';
import { inputObjectOf } from '../input-object-of.ts';

/** One row of type `t_insert_input`. */
export function shapeOfRow(value: Json, type: InputObjectType): string {
  if (!isJsonObject(value)) return opaque(value);
  return shapeOfMembers(value, (key, member) => {
    const field = type.fields.get(key);
    if (field === undefined) return opaque(member);
    switch (field.meaning.kind) {
      case 'input-column':
        return valueReader(field.type, field.meaning.column.type).isPlain ? '' : opaque(member);
      case 'nested-insert':
        return shapeOfNested(member, inputObjectOf(field));
      default:
        return opaque(member);
    }
  });
}

/** A list of rows, or one in the place of a list. Rows of equal form count as one, however many they are. */
export function shapeOfRows(value: Json, type: InputObjectType): string {
  if (!Array.isArray(value)) return `(${shapeOfRow(value, type)})`;
  const common = commonShape(value, type);
  return common === null
    ? `[${(value as readonly Json[]).map((row) => shapeOfRow(row, type)).join(',')}]`
    : `*${common}`;
}

/** `u_obj_rel_insert_input` or `u_arr_rel_insert_input`. */
export function shapeOfNested(value: Json, type: InputObjectType): string {
  if (!isJsonObject(value)) return opaque(value);
  return shapeOfMembers(value, (key, member) => {
    const field = type.fields.get(key);
    if (field?.meaning.kind !== 'insert-data') return opaque(member);
    const row = inputObjectOf(field);
    return field.type.kind === 'non-null' && field.type.of.kind === 'list'
      ? shapeOfRows(member, row)
      : shapeOfRow(member, row);
  });
}

/**
 * The names that every row gives, in the same order, when the rows can travel as one list per column: plain columns without nested rows.
 * Null otherwise.
 */
export function commonColumns(value: Json, type: InputObjectType): readonly string[] | null {
  if (!Array.isArray(value) || commonShape(value, type) === null) return null;
  const [first] = value;
  return isJsonObject(first) ? Object.keys(first) : null;
}

function commonShape(rows: readonly Json[], type: InputObjectType): string | null {
  const [first] = rows;
  if (first === undefined || !isJsonObject(first)) return null;
  const names = Object.keys(first);
  if (names.length === 0 || !names.every((name) => isPlainColumn(name, type))) return null;
  for (const row of rows) {
    if (!isJsonObject(row)) return null;
    let index = 0;
    for (const name in row) if (name !== names[index++]) return null;
    if (index !== names.length) return null;
  }
  return shapeOfRow(first, type);
}

function isPlainColumn(name: string, type: InputObjectType): boolean {
  const field = type.fields.get(name);
  return field?.meaning.kind === 'input-column' && valueReader(field.type, field.meaning.column.type).isPlain;
}

function shapeOfMembers(
  object: Readonly<Record<string, Json>>,
  shapeOf: (key: string, value: Json) => string,
): string {
  const members = Object.entries(object).map(([key, value]) => `${key.length} ${key}${shapeOf(key, value)}`);
  return `{${members.join(',')}}`;
}

/** A value that may decide in every detail. */
function opaque(value: Json): string {
  const text = stringifyJson(value);
  return `=${text.length} ${text}`;
}
