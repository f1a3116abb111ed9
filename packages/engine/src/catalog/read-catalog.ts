import type { Connection, Database } from '../database/index.ts';
import { COLUMNS, type ColumnRow } from './queries/columns.ts';
import { FOREIGN_KEYS, type ForeignKeyRow } from './queries/foreign-keys.ts';
import { FUNCTIONS, type FunctionRow } from './queries/functions.ts';
import { RELATIONS, type RelationRow } from './queries/relations.ts';
import { TYPES, type TypeRow } from './queries/types.ts';
import { UNIQUE_KEYS, type UniqueKeyRow } from './queries/unique-keys.ts';
import { readFunctions } from './read-functions.ts';
import { readTables } from './read-tables.ts';
import { readTypes } from './read-types.ts';
import type { Catalog, QualifiedName } from './types.ts';

const SERVER_VERSION = `select pg_catalog.current_setting('server_version_num') as version`;

/**
 * What the database holds. Given a `Database`, it reads in a transaction of its own, from one snapshot; given the connection of an
 * open transaction, it sees that transaction's own changes.
 */
export function readCatalog(database: Database | Connection): Promise<Catalog> {
  return 'transaction' in database
    ? database.transaction({ isolation: 'repeatable-read', readOnly: true }, readFrom)
    : readFrom(database);
}

async function readFrom(connection: Connection): Promise<Catalog> {
  // Sent together; the connection answers in order. Types come last, so that no column names a type that is not there yet.
  const [versions, relationRows, columns, uniqueKeys, foreignKeys, functionRows, typeRows] =
    await Promise.all([
      rowsOf<{ readonly version: string }>(connection, SERVER_VERSION),
      rowsOf<RelationRow>(connection, RELATIONS),
      rowsOf<ColumnRow>(connection, COLUMNS),
      rowsOf<UniqueKeyRow>(connection, UNIQUE_KEYS),
      rowsOf<ForeignKeyRow>(connection, FOREIGN_KEYS),
      rowsOf<FunctionRow>(connection, FUNCTIONS),
      rowsOf<TypeRow>(connection, TYPES),
    ]);
  const schemas = new Map<string, string>();
  const nameByOid = new Map<number, QualifiedName>();
  for (const { oid, schema, name } of relationRows) {
    if (!schemas.has(schema)) schemas.set(schema, schema);
    nameByOid.set(Number(oid), { schema: schemas.get(schema) ?? schema, name });
  }
  const types = readTypes(typeRows, nameByOid);
  return {
    serverVersion: Number(versions[0]?.version),
    tables: readTables({ relations: relationRows, columns, uniqueKeys, foreignKeys }, nameByOid, types),
    functions: readFunctions(functionRows, types),
    types,
  };
}

/** The queries are constants whose rows are described beside them, so that the shape is taken at its word. */
async function rowsOf<Row>(connection: Connection, text: string): Promise<readonly Row[]> {
  return (await connection.queryRows({ text, parameters: [] })) as readonly unknown[] as readonly Row[];
}
