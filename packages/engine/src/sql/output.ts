import type { Operand, OutputFormat, OutputItem, PgType } from '../plan/index.ts';
import { unreachable } from '../support/index.ts';
import { join, literal, parameter, type SqlFragment, sql } from './fragment.ts';
import type { Member } from './json-object.ts';
import { renderOperand } from './operand.ts';
import { renderNodeId } from './relay/node-id.ts';
import { type Aliases, type RowScope, rowScope } from './row.ts';
import { renderNestedSelect } from './select.ts';
import { extensionFunction } from './value.ts';

/** The members of a row's JSON object, computed on `row`. */
export function renderOutput(
  output: readonly OutputItem[],
  row: SqlFragment,
  aliases: Aliases,
): readonly Member[] {
  return output.map((item) => ({ key: item.key, value: renderItem(item, row, aliases) }));
}

function renderItem(item: OutputItem, row: SqlFragment, aliases: Aliases): SqlFragment {
  switch (item.kind) {
    case 'typename':
      return typeNameValue(item.value);
    case 'select':
      return renderNestedSelect(item.select, row, aliases);
    case 'node-id':
      return renderNodeId(item, rowScope(aliases, row));
    case 'join':
      return joinValues(item.values, rowScope(aliases, row));
    case 'value': {
      const value = renderOperand(item.operand, rowScope(aliases, row));
      const picked =
        item.jsonPath === null || item.jsonPath.length === 0
          ? value
          : sql`(${value} #> ${textArray(item.jsonPath)})`;
      return formatted(picked, item.format, operandType(item.operand));
    }
    default:
      return unreachable(item);
  }
}

/** What a row is joined by: a JSON array, or NULL when a value is missing. */
function joinValues(values: readonly Operand[], scope: RowScope): SqlFragment {
  const cells = values.map((value) => renderOperand(value, scope));
  const present = cells.map((cell) => sql`${cell} is not null`);
  return sql`case when ${join(present, sql` and `)} then json_build_array(${join(cells, sql`, `)}) end`;
}

/** A constant text with a type, so that JSON functions know it. */
export function typeNameValue(name: string): SqlFragment {
  return sql`${literal(name)}::text`;
}

/** A value in the form in which it becomes JSON. Source: spec/graphql-api.md 3.2. */
export function formatted(value: SqlFragment, format: OutputFormat, type: PgType | null): SqlFragment {
  switch (format) {
    case 'json':
      return value;
    case 'text':
      return sql`(${value})::text`;
    case 'geojson': {
      // 15 digits, and the long form of the reference system
      const fn = type === null ? sql`st_asgeojson` : extensionFunction(type.base ?? type, 'st_asgeojson');
      return sql`(${fn}(${value}, 15, 4))::json`;
    }
    case 'upper':
      return sql`upper((${value})::text collate "C")`;
    default:
      return unreachable(format);
  }
}

/** The type of the value; null where only PostgreSQL knows it. */
export function operandType(operand: Operand): PgType | null {
  switch (operand.kind) {
    case 'column':
      return operand.column.type;
    case 'call':
    case 'cast':
      return operand.type;
    case 'aggregate-result':
      return null;
    default:
      return unreachable(operand);
  }
}

function textArray(elements: readonly string[]): SqlFragment {
  const text = `{${elements.map((element) => `"${element.replaceAll(/["\\]/g, '\\$&')}"`).join(',')}}`;
  return parameter({ kind: 'literal', text }, sql`text[]`);
}
