import { type Connection, DatabaseError, quoteIdentifier } from '../database/index.ts';
import { type EnumValue, type QualifiedName, qualifiedKey } from './types.ts';

/** A table whose rows are the values of an enum. */
export interface EnumTable {
  readonly table: QualifiedName;
  readonly valueColumn: string;
  readonly commentColumn: string | null;
}

/** The values in their order, or why they cannot be read. */
export type EnumValues =
  | { readonly kind: 'values'; readonly values: readonly EnumValue[] }
  | { readonly kind: 'failed'; readonly error: DatabaseError };

/**
 * The rows of enum tables, by `qualifiedKey`, in one statement; when that fails, one by one, so that one table's fault is not another's.
 * Values come in the order of their code units, which is how the contract lists them.
 */
export async function readEnumValues(
  connection: Connection,
  tables: readonly EnumTable[],
): Promise<ReadonlyMap<string, EnumValues>> {
  if (tables.length === 0) return new Map();
  try {
    return await readTogether(connection, tables);
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    const table = tables[0];
    if (tables.length === 1 && table !== undefined) {
      return new Map([[qualifiedKey(table.table), { kind: 'failed', error }]]);
    }
  }
  const results = new Map<string, EnumValues>();
  for (const table of tables) {
    for (const [key, values] of await readEnumValues(connection, [table])) results.set(key, values);
  }
  return results;
}

async function readTogether(
  connection: Connection,
  tables: readonly EnumTable[],
): Promise<Map<string, EnumValues>> {
  const text = tables.map(selectValues).join('\nunion all\n');
  const rows = await connection.queryRows({ text, parameters: [] }, { prepare: false });
  const lists: EnumValue[][] = tables.map(() => []);
  for (const row of rows) {
    const value = row['value'];
    if (typeof value === 'string')
      lists[Number(row['index'])]?.push({ value, comment: row['comment'] ?? null });
  }
  return new Map(
    tables.map(({ table }, index) => {
      const values = (lists[index] ?? []).sort((a, b) =>
        a.value < b.value ? -1 : a.value > b.value ? 1 : 0,
      );
      return [qualifiedKey(table), { kind: 'values', values }];
    }),
  );
}

function selectValues({ table, valueColumn, commentColumn }: EnumTable, index: number): string {
  const comment =
    commentColumn === null ? 'null::pg_catalog.text' : `${quoteIdentifier(commentColumn)}::pg_catalog.text`;
  const from = `${quoteIdentifier(table.schema)}.${quoteIdentifier(table.name)}`;
  return `select ${index} as index, ${quoteIdentifier(valueColumn)}::pg_catalog.text as value, ${comment} as comment from ${from}`;
}
