import { type Connection, DatabaseError } from '../../database/index.ts';
import { Path, RequestError, stringifyJson } from '../../support/index.ts';
import { storedBytes } from '../stored-bytes.ts';
import type { Metadata } from '../types.ts';
import { notificationChannel } from './watch-version.ts';

/** A document and what is stored along with it. */
export interface DocumentWrite {
  readonly metadata: Metadata;
  /** The version on which the document builds; it becomes the next one. */
  readonly expectedVersion: number;
  /** Sources and remote schemas that other replicas should introspect again. */
  readonly rereadSources: readonly string[];
  readonly rereadRemoteSchemas: readonly string[];
  /** Tells the writer's own changes from those of other replicas. */
  readonly instanceId: string;
  /** What changes along with the document, in the same transaction. */
  readonly also?: ((connection: Connection) => Promise<void>) | undefined;
}

export interface StoreOptions {
  /** For an open transaction of our own: settings that last as long as it does. */
  readonly isOwn: boolean;
  /** Told when the operating system has taken over all of the document. */
  readonly onSent?: () => void;
}

/**
 * Stores a document in the connection's transaction; `announce` must follow before the commit. The statements leave at once, one behind the other.
 * @throws RequestError `conflict` when another version is stored than the expected one; the errors of the database
 */
export async function storeDocument(
  connection: Connection,
  write: DocumentWrite,
  { isOwn, onSent }: StoreOptions,
): Promise<void> {
  const { expectedVersion } = write;
  const next = String(expectedVersion + 1);
  const bytes = storedBytes(write.metadata);
  try {
    const [, stored] = await Promise.all([
      isOwn ? connection.queryRows({ text: settingsFor(bytes), parameters: [] }) : null,
      connection.queryRows(
        {
          text: `update hdb_catalog.hdb_metadata set metadata = $1::json, resource_version = $2::integer
            where id = 1 and resource_version = $3::integer returning resource_version`,
          parameters: [bytes, next, String(expectedVersion)],
        },
        onSent === undefined ? {} : { onSent },
      ),
      connection.queryRows({
        text: `insert into hdb_catalog.hdb_schema_notifications (id, notification, resource_version, instance_id)
          values (1, $1::json, $2::integer, $3::uuid)
          on conflict (id) do update set notification = excluded.notification,
            resource_version = excluded.resource_version, instance_id = excluded.instance_id, updated_at = now()`,
        parameters: [notificationOf(write), next, write.instanceId],
      }),
    ]);
    if (stored.length === 0) throw versionConflict(expectedVersion);
    await write.also?.(connection);
  } catch (error) {
    throw storeFailure(error, expectedVersion);
  }
}

/** Tells all that watch of the version, as soon as it is committed. */
export async function announce(connection: Connection, { expectedVersion }: DocumentWrite): Promise<void> {
  await connection.queryRows({
    text: 'select pg_notify($1, $2)',
    parameters: [notificationChannel, String(expectedVersion + 1)],
  });
}

/** Another write that was committed between our snapshot and our update is a conflict, too. */
export function storeFailure(error: unknown, expectedVersion: number): unknown {
  const isConflict = error instanceof DatabaseError && error.sqlState === serializationFailure;
  return isConflict ? versionConflict(expectedVersion) : error;
}

/** The refusal of a change that was meant for another version than the stored one. Source: spec/metadata-api.md 1.4. */
export function versionConflict(expectedVersion: number): RequestError {
  return new RequestError(
    'conflict',
    Path.root,
    `metadata resource version referenced (${expectedVersion}) did not match current version`,
    { status: 409 },
  );
}

function notificationOf({ rereadSources, rereadRemoteSchemas }: DocumentWrite): string {
  return stringifyJson({
    metadata: true,
    remote_schemas: rereadRemoteSchemas,
    sources: rereadSources,
    data_connectors: [],
  });
}

function settingsFor(bytes: readonly Uint8Array[]): string {
  const length = bytes.reduce((sum, piece) => sum + piece.length, 0);
  return length > largeLength ? largeSettings : lockTimeout;
}

/** Bytes of a document whose compression takes time. */
const largeLength = 4 * 1024 * 1024;

/** Somebody may hold the row without end, e.g. the very statement after which it is to be written, sent by another name of this database. */
const lockTimeout = `select set_config('lock_timeout', '10s', true)`;

/**
 * For this transaction only, and each only where the server knows it.
 *
 * A plan of its own for each value copies the value into the plan, which takes a fifth of the whole time of the statement (version 12, `plan_cache_mode`).
 *
 * The usual method takes longer to compress a document of many megabytes than all else together; version 14, as most are built, has another.
 * The column stays as it was made. Source: PostgreSQL manual, `default_toast_compression`.
 */
const largeSettings = `${lockTimeout} union all select set_config(name, value, true)
  from pg_catalog.pg_settings join (values ('default_toast_compression', 'lz4'), ('plan_cache_mode', 'force_generic_plan')) as wanted (name, value)
  using (name) where value = any (enumvals)`;

const serializationFailure = '40001';
