import type { CatalogColumn, CatalogTable, PgType } from '../catalog/index.ts';
import { quoteIdentifier } from '../database/index.ts';
import type { ColumnSelection, EventTriggerOperation } from '../metadata/index.ts';
import type { EventTrigger } from './types.ts';

export type Operation = 'INSERT' | 'UPDATE' | 'DELETE';

/** A function that logs a table's changes of one kind, and the trigger of the same name that calls it. */
export interface TableTrigger {
  readonly name: string;
  readonly operation: Operation;
  readonly table: { readonly schema: string; readonly name: string };
  /** Of the function, in PL/pgSQL. */
  readonly body: string;
  /** It fires for what replication applies, too. */
  readonly isAlways: boolean;
}

export interface ValueOptions {
  /** Big and exact numbers are written as strings. */
  readonly stringifiesNumbers: boolean;
}

/** `notify_hasura_user_changed_INSERT`: at most 63 characters, as long as names are. */
export function triggerFunctionName(trigger: string, operation: Operation): string {
  return `notify_hasura_${trigger}_${operation}`;
}

/** The names of the functions of a trigger. */
export function functionNamesOf({ metadata }: EventTrigger): readonly string[] {
  return operationsOf(metadata.definition).map(([operation]) =>
    triggerFunctionName(metadata.name, operation),
  );
}

/** What the database shall hold for a trigger. Source: spec/events.md A3. */
export function tableTriggers(
  { metadata }: EventTrigger,
  table: CatalogTable,
  options: ValueOptions,
): readonly TableTrigger[] {
  return operationsOf(metadata.definition).map(([operation, specification]) => ({
    name: triggerFunctionName(metadata.name, operation),
    operation,
    table: { schema: table.schema, name: table.name },
    body: functionBody(metadata.name, operation, specification, table, options),
    isAlways: metadata.trigger_on_replication === true,
  }));
}

function operationsOf(
  definition: EventTrigger['metadata']['definition'],
): readonly (readonly [Operation, EventTriggerOperation])[] {
  const { insert, update, delete: deletion } = definition;
  return [
    ...(insert === undefined ? [] : [['INSERT', insert] as const]),
    ...(update === undefined ? [] : [['UPDATE', update] as const]),
    ...(deletion === undefined ? [] : [['DELETE', deletion] as const]),
  ];
}

export function createFunction({ name, body }: Pick<TableTrigger, 'name' | 'body'>): string {
  return `create or replace function hdb_catalog.${quoteIdentifier(name)}() returns trigger language plpgsql as ${quoteText(body)};`;
}

export function createTrigger({ name, operation, table }: TableTrigger): string {
  return `create trigger ${quoteIdentifier(name)} after ${operation} on ${tableName(table)} for each row execute procedure hdb_catalog.${quoteIdentifier(name)}();`;
}

export function enableTrigger({ name, table, isAlways }: TableTrigger): string {
  return `alter table ${tableName(table)} enable ${isAlways ? 'always ' : ''}trigger ${quoteIdentifier(name)};`;
}

export function dropTrigger(name: string, table: TableTrigger['table']): string {
  return `drop trigger if exists ${quoteIdentifier(name)} on ${tableName(table)};`;
}

/** With the triggers that call it. */
export function dropFunction(name: string): string {
  return `drop function if exists hdb_catalog.${quoteIdentifier(name)}() cascade;`;
}

function tableName({ schema, name }: TableTrigger['table']): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
}

/** A text as SQL has it, whatever `standard_conforming_strings` is. */
export function quoteText(text: string): string {
  const quoted = `'${text.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`;
  return text.includes('\\') ? `E${quoted}` : quoted;
}

function functionBody(
  trigger: string,
  operation: Operation,
  specification: EventTriggerOperation,
  table: CatalogTable,
  options: ValueOptions,
): string {
  // what is listened to does not limit what is told
  const payload = specification.payload ?? '*';
  const before = operation === 'INSERT' ? 'null' : rowJson('OLD', payload, table, options);
  const after = operation === 'DELETE' ? 'null' : rowJson('NEW', payload, table, options);
  const place = [table.schema, table.name, trigger, operation].map(quoteText).join(', ');
  const log = `perform hdb_catalog.insert_event_log(${place}, pg_catalog.json_build_object('old', ${before}, 'new', ${after}));`;
  if (operation !== 'UPDATE') return `\nbegin\n  ${log}\n  return null;\nend`;
  const [old, current] = ['OLD', 'NEW'].map((row) => listened(row, specification.columns));
  // a type without equality is compared by its bytes
  return `
declare
  is_changed boolean;
begin
  begin
    is_changed := ${old} is distinct from ${current};
  exception when undefined_function then
    is_changed := (${old})::record operator(pg_catalog.*<>) (${current})::record;
  end;
  if is_changed then
    ${log}
  end if;
  return null;
end`;
}

function listened(row: string, columns: ColumnSelection): string {
  if (columns === '*') return row;
  return `row(${columns.map((name) => `${row}.${quoteIdentifier(name)}`).join(', ')})`;
}

/** A row, or some of its columns, as JSON. All of them are not listed where they need not be, so that columns may come and go. */
function rowJson(row: string, payload: ColumnSelection, table: CatalogTable, options: ValueOptions): string {
  const columns =
    payload === '*'
      ? table.columns
      : payload.flatMap((name) => table.columns.find((column) => column.name === name) ?? []);
  const values = columns.map((column) => ({ column, value: writtenValue(row, column, options) }));
  if (payload === '*' && values.every(({ value }) => value === null)) return `pg_catalog.row_to_json(${row})`;
  const items = values.map(({ column, value }) => {
    const name = quoteIdentifier(column.name);
    return `${value ?? `${row}.${name}`} as ${name}`;
  });
  return `(select pg_catalog.row_to_json(_row) from (select ${items.join(', ')}) as _row)`;
}

/** Null: as PostgreSQL writes it. The same rules as for answers of queries. */
function writtenValue(
  row: string,
  { name, type }: CatalogColumn,
  { stringifiesNumbers }: ValueOptions,
): string | null {
  const value = `${row}.${quoteIdentifier(name)}`;
  const underlying = underlyingType(type);
  if (underlying.name === 'geometry' || underlying.name === 'geography') {
    return `(${quoteIdentifier(underlying.schema)}.st_asgeojson(${value}, 15, 4))::json`;
  }
  return stringifiesNumbers && stringified.has(underlying.name) ? `(${value})::text` : null;
}

const stringified: ReadonlySet<string> = new Set(['int8', 'numeric', 'float8', 'money']);

function underlyingType(type: PgType): PgType {
  return type.kind === 'domain' && type.base !== null ? type.base : type;
}
