import type { FunctionRow } from './queries/functions.ts';
import { type CatalogFunction, type FunctionArgument, type PgType, qualifiedKey } from './types.ts';

const VOLATILITIES: Readonly<Record<FunctionRow['volatility'], CatalogFunction['volatility']>> = {
  i: 'immutable',
  s: 'stable',
  v: 'volatile',
};

/** Functions by schema and name; overloads in the order of their creation. */
export function readFunctions(
  rows: readonly FunctionRow[],
  types: ReadonlyMap<number, PgType>,
): Map<string, CatalogFunction[]> {
  const functions = new Map<string, CatalogFunction[]>();
  for (const row of rows) {
    const returnType = types.get(Number(row.return_type));
    const argumentsOf = readArguments(row, types);
    // Of a type that the catalogue leaves out, such as the row type of a system table.
    if (returnType === undefined || argumentsOf === null) continue;
    const known: CatalogFunction = {
      oid: Number(row.oid),
      schema: row.schema,
      name: row.name,
      arguments: argumentsOf,
      isVariadic: row.is_variadic === 't',
      volatility: VOLATILITIES[row.volatility],
      returnType,
      returnsSet: row.returns_set === 't',
      comment: row.comment,
    };
    const key = qualifiedKey(known);
    const overloads = functions.get(key);
    if (overloads === undefined) functions.set(key, [known]);
    else overloads.push(known);
  }
  return functions;
}

function readArguments(row: FunctionRow, types: ReadonlyMap<number, PgType>): FunctionArgument[] | null {
  const oids = row.argument_types === '' ? [] : row.argument_types.split(' ');
  const names = inputNames(row);
  const firstDefault = oids.length - Number(row.default_count);
  const result: FunctionArgument[] = [];
  for (const [index, oid] of oids.entries()) {
    const type = types.get(Number(oid));
    if (type === undefined) return null;
    result.push({ name: names[index] || null, type, hasDefault: index >= firstDefault });
  }
  return result;
}

/** The names of the input arguments in order; an empty one means that there is none. */
function inputNames(row: FunctionRow): readonly string[] {
  if (row.argument_names === null) return [];
  const names = JSON.parse(row.argument_names) as readonly string[]; // array_to_json of text[]
  const modes = row.argument_modes;
  return modes === null ? names : names.filter((_, index) => 'ibv'.includes(modes[index] ?? 'i'));
}
