import { type Connection, type Database, DatabaseError } from '../../database/index.ts';
import { Path, RequestError, stringifyJson } from '../../support/index.ts';
import { storedForm } from '../document.ts';
import type { Metadata } from '../types.ts';
import { catalogSchema, catalogVersion, oldestReadableVersion } from './catalog-schema.ts';

/** Held while the catalogue is made or brought up, so that processes which start at once do it one after another. */
const advisoryLockKey = '7305843009213693951';

/**
 * Makes the catalogue in an empty database, or brings one of the reference engine up to version 48.
 * @param initial what is stored when nothing is
 * @throws RequestError when the catalogue is of a version that cannot be used, or may not be made
 */
export async function prepareCatalog(database: Database, initial: Metadata): Promise<void> {
  // READ COMMITTED: after the wait for the lock the next statement sees what the process before us has made.
  await database.transaction({ isolation: 'read-committed' }, async (connection) => {
    await connection.queryRows({ text: 'select pg_advisory_xact_lock($1)', parameters: [advisoryLockKey] });
    const stored = await storedVersion(connection);
    if (stored !== null) refuseVersion(stored);
    if (stored === null || Number(stored) < catalogVersion) {
      await connection.script(catalogSchema(await uuidFunction(connection)));
      await writeVersion(connection, stored);
    }
    await connection.queryRows({
      text: `insert into hdb_catalog.hdb_metadata (id, metadata) values (1, $1::json) on conflict (id) do nothing`,
      parameters: [stringifyJson(storedForm(initial))],
    });
  });
}

async function storedVersion(connection: Connection): Promise<string | null> {
  const [table] = await connection.queryRows({
    text: `select to_regclass('hdb_catalog.hdb_version')::text as name`,
    parameters: [],
  });
  if (table?.['name'] == null) return null;
  const [row] = await connection.queryRows({
    text: 'select version from hdb_catalog.hdb_version',
    parameters: [],
  });
  return row?.['version'] ?? null;
}

function refuseVersion(version: string): void {
  const number = Number(version);
  if (number > catalogVersion) {
    throw new RequestError(
      'not-supported',
      Path.root,
      `Cannot use database previously used with a newer version of graphql-engine (expected a catalog version <=${catalogVersion}, but the current version is ${version}).`,
    );
  }
  if (!(number >= oldestReadableVersion)) {
    throw new RequestError(
      'not-supported',
      Path.root,
      `The metadata catalogue is of version ${version}, from before Hasura GraphQL Engine 2: start a version 2 of that engine on this database once, which brings it to version ${catalogVersion}.`,
    );
  }
}

async function writeVersion(connection: Connection, stored: string | null): Promise<void> {
  const text =
    stored === null
      ? 'insert into hdb_catalog.hdb_version (version, upgraded_on) values ($1, now())'
      : 'update hdb_catalog.hdb_version set version = $1, upgraded_on = now()';
  await connection.queryRows({ text, parameters: [String(catalogVersion)] });
}

/** PostgreSQL has one of its own since version 13; before, the extension pgcrypto brings it. */
async function uuidFunction(connection: Connection): Promise<string> {
  const builtIn = 'pg_catalog.gen_random_uuid';
  const [row] = await connection.queryRows({
    text: `select to_regprocedure('${builtIn}()') is not null as is_present`,
    parameters: [],
  });
  if (row?.['is_present'] === 't') return builtIn;
  try {
    await connection.script('create extension if not exists pgcrypto with schema public');
    return 'public.gen_random_uuid';
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    throw new RequestError(
      'postgres-error',
      Path.root,
      'The extension pgcrypto is needed and this user may not create it: run "create extension pgcrypto" in the metadata database as a superuser.',
      { status: 500, cause: error },
    );
  }
}
