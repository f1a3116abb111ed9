import type { Session } from '../authentication/index.ts';
import { bindParameter } from '../execute/index.ts';
import type { TrackedColumn, TrackedTable } from '../model/index.ts';
import {
  allOf,
  type BooleanExpression,
  isJsonType,
  type Operand,
  type ParameterSource,
  parseValue,
  type Value,
} from '../permissions/index.ts';
import {
  type Json,
  type JsonObject,
  type Path,
  parseJson,
  RequestError,
  stringifyJson,
} from '../support/index.ts';

/** How a request names columns: as the database does, or as the role sees them in GraphQL. */
export type ColumnNames = (column: TrackedColumn) => string | null;

/**
 * The condition that a row has this primary key.
 * @param operandOf the column as whoever asks may see it
 * @throws RequestError `validation-failed` when the key is not that of the table, `parse-failed` for a value that does not fit
 */
export function keyCondition(
  table: TrackedTable,
  key: JsonObject,
  nameOf: ColumnNames,
  operandOf: (column: TrackedColumn) => Operand,
  path: Path,
): BooleanExpression {
  const columns = table.primaryKey ?? [];
  const names = columns.map(nameOf);
  const isKey =
    columns.length > 0 &&
    names.every((name) => name !== null && Object.hasOwn(key, name)) &&
    Object.keys(key).length === columns.length;
  if (!isKey) {
    const message =
      columns.length === 0
        ? 'the table has no primary key'
        : `a key names exactly these columns: ${names.join(', ')}`;
    throw new RequestError('validation-failed', path, message);
  }
  return allOf(
    columns.map((column, index): BooleanExpression => {
      // Each name was just found in the key.
      const name = names[index] as string;
      const value = parseValue(key[name] as Json, column.type, {
        path: path.child(name),
        readsSessionVariables: false,
      });
      return {
        kind: 'comparison',
        operator: 'eq',
        left: operandOf(column),
        right: { kind: 'value', value },
        isNullSafe: false,
      };
    }),
  );
}

/** The columns that an object gives values to; null when it names something that is none of `columns`. */
export function columnsGiven(
  given: readonly string[],
  table: TrackedTable,
  nameOf: ColumnNames,
): readonly TrackedColumn[] | null {
  const byName = new Map([...table.columns.values()].map((column) => [nameOf(column), column]));
  const columns = given.map((name) => byName.get(name));
  return columns.every((column) => column !== undefined) ? columns : null;
}

/** What a write changes of a row, as one JSON object: what the client gives, then the presets, which take precedence. */
export function changeOf(
  table: TrackedTable,
  object: JsonObject,
  nameOf: ColumnNames,
  presets: ReadonlyMap<string, Value>,
  session: Session,
): ParameterSource {
  const changes: Record<string, Json> = Object.create(null);
  for (const column of table.columns.values()) {
    const name = nameOf(column);
    const preset = presets.get(column.name);
    if (preset !== undefined) {
      const text = bindParameter(preset.source, { session, variables: null });
      changes[column.name] = text !== null && isJsonType(column.type) ? readJson(text) : text;
    } else if (name !== null && Object.hasOwn(object, name)) {
      changes[column.name] = object[name] as Json;
    }
  }
  return { kind: 'literal', text: stringifyJson(changes) };
}

function readJson(text: string): Json {
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}
