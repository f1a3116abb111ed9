import { type Catalog, qualifiedKey } from '../catalog/index.ts';
import type { Connection, Database } from '../database/index.ts';
import { isJsonObject, type Json, parseJson } from '../support/index.ts';
import { catalogSchema, dropCatalog } from './catalog-schema.ts';
import type { Leftovers } from './owed-removals.ts';
import { tableFault } from './table-fault.ts';
import {
  createFunction,
  createTrigger,
  dropFunction,
  dropTrigger,
  enableTrigger,
  quoteText,
  type TableTrigger,
  tableTriggers,
  type ValueOptions,
} from './trigger-sql.ts';
import type { EventTriggers } from './types.ts';

/** Held while objects are made, so that engines which start at once do it one after another. */
const advisoryLockKey = '7305843009213693952';

/**
 * Makes what a source's triggers need where it is missing, or is not as it should be; asks one question where nothing is. A table that the catalogue does not have is
 * left out: its triggers are inconsistent.
 * Rejects with the database's error.
 */
export async function installTriggers(
  triggers: EventTriggers,
  catalog: Catalog,
  connection: Connection,
  options: ValueOptions & { readonly recreates?: boolean },
): Promise<void> {
  if (triggers.size === 0) return;
  const wanted = [...triggers.values()].flatMap((trigger) => {
    const table = catalog.tables.get(qualifiedKey(trigger.table));
    // a function that asks for a column that is not there would fail every change of the table; a view would fail the triggers of others
    if (table === undefined || tableFault(trigger.metadata, table) !== null) return [];
    return tableTriggers(trigger, table, options);
  });
  const statements = await missing(wanted, connection, options.recreates === true);
  if (statements.length === 0) return;
  await connection.script([`select pg_advisory_xact_lock(${advisoryLockKey});`, ...statements].join('\n'));
}

/** Drops functions, with the triggers that call them. Of triggers that are no more the events are put away. */
export async function removeTriggers(gone: Leftovers, connection: Connection): Promise<void> {
  if (gone.functions.length === 0 && gone.triggers.length === 0) return;
  if (!(await hasCatalog(connection))) return;
  const archive =
    gone.triggers.length === 0
      ? []
      : [
          `update hdb_catalog.event_log set archived = true where not archived and trigger_name in (${gone.triggers.map(quoteText).join(', ')});`,
        ];
  await connection.script([...gone.functions.map(dropFunction), ...archive].join('\n'));
}

/** Removes all that was ever made for event triggers, unless somebody still has triggers there. */
export async function removeEventCatalog(connection: Connection): Promise<void> {
  const [row] = await connection.queryRows({
    text: `select count(*) as others from pg_catalog.pg_proc p
where p.pronamespace = pg_catalog.to_regnamespace('hdb_catalog') and p.proname ~ '^notify_hasura_.*_(INSERT|UPDATE|DELETE)$'`,
    parameters: [],
  });
  if (row?.['others'] === '0' && (await hasCatalog(connection))) await connection.script(dropCatalog);
}

async function hasCatalog(connection: Connection): Promise<boolean> {
  const [row] = await connection.queryRows({
    text: `select pg_catalog.to_regclass('hdb_catalog.event_log') is not null as there`,
    parameters: [],
  });
  return row?.['there'] === 't';
}

interface Found {
  readonly body: string;
  readonly triggers: readonly { readonly schema: string; readonly name: string; readonly enabled: string }[];
}

/** The statements that make the database as it shall be. */
async function missing(
  wanted: readonly TableTrigger[],
  connection: Connection,
  recreates: boolean,
): Promise<readonly string[]> {
  const { version, functions } = await readState(wanted, connection);
  const schema = Number(version ?? 0) >= 3 ? [] : [catalogSchema];
  return [
    ...schema,
    ...wanted.flatMap((trigger) => changesOf(trigger, functions.get(trigger.name), recreates)),
  ];
}

function changesOf(trigger: TableTrigger, found: Found | undefined, recreates: boolean): readonly string[] {
  const { schema, name } = trigger.table;
  const create = [createTrigger(trigger), ...(trigger.isAlways ? [enableTrigger(trigger)] : [])];
  if (found === undefined) return [createFunction(trigger), ...create];
  if (recreates) return [dropFunction(trigger.name), createFunction(trigger), ...create];
  const own = found.triggers.find((at) => at.schema === schema && at.name === name);
  const elsewhere = found.triggers.filter((at) => at !== own);
  // one that somebody has switched off stays so
  const isAsWanted = own?.enabled === (trigger.isAlways ? 'A' : 'O') || own?.enabled === 'D';
  return [
    ...(found.body === trigger.body ? [] : [createFunction(trigger)]),
    ...elsewhere.map((at) => dropTrigger(trigger.name, at)),
    ...(own === undefined ? create : isAsWanted ? [] : [enableTrigger(trigger)]),
  ];
}

async function readState(
  wanted: readonly TableTrigger[],
  connection: Connection | Database,
): Promise<{ readonly version: string | null; readonly functions: ReadonlyMap<string, Found> }> {
  const [there] = await connection.queryRows({
    text: `select pg_catalog.to_regclass('hdb_catalog.hdb_source_catalog_version') is not null
  and pg_catalog.to_regclass('hdb_catalog.event_log') is not null as there`,
    parameters: [],
  });
  const [version] =
    there?.['there'] === 't'
      ? await connection.queryRows({
          text: 'select version from hdb_catalog.hdb_source_catalog_version',
          parameters: [],
        })
      : [];
  const rows = await connection.queryRows({
    text: `select p.proname as name, p.prosrc as body, (
  select pg_catalog.json_agg(pg_catalog.json_build_object('schema', n.nspname, 'name', c.relname, 'enabled', t.tgenabled))
  from pg_catalog.pg_trigger t
  join pg_catalog.pg_class c on c.oid = t.tgrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  -- those of partitions belong to the one of the whole table
  where t.tgfoid = p.oid and t.tgparentid = 0
) as triggers
from pg_catalog.pg_proc p
where p.pronamespace = pg_catalog.to_regnamespace('hdb_catalog')
  and p.proname = any (array(select pg_catalog.jsonb_array_elements_text($1::jsonb)))`,
    parameters: [JSON.stringify(wanted.map(({ name }) => name))],
  });
  return {
    version: version?.['version'] ?? null,
    functions: new Map(
      rows.map((row) => [
        row['name'] ?? '',
        { body: row['body'] ?? '', triggers: readPlaces(row['triggers']) },
      ]),
    ),
  };
}

function readPlaces(text: string | null | undefined): Found['triggers'] {
  const places: Json = text == null ? [] : parseJson(text);
  if (!Array.isArray(places)) return [];
  return places.filter(isJsonObject).map(({ schema, name, enabled }) => ({
    schema: String(schema),
    name: String(name),
    enabled: String(enabled),
  }));
}
