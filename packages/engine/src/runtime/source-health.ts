import { type Database, DatabaseError } from '../database/index.ts';
import type { ConnectionInfo, Metadata, SourceMetadata } from '../metadata/index.ts';
import { isJsonObject, type Json } from '../support/index.ts';
import { connectionLabel } from './connection-label.ts';
import { type ConnectionOptions, resolveConnection } from './resolve-connection.ts';
import type { ConnectedSource, ConnectedSources } from './source-registry.ts';
import type { DatabaseLabels, SourceHealth } from './types.ts';

/** A check takes no longer than this, whatever is configured, as somebody waits for all of them. */
const longestCheckMs = 5_000;

/** Runs the health check of every source that has one; of the others tells whether they could be read. Source: spec/server.md 1.3. */
export function checkSources(
  { sources: declared }: Metadata,
  sources: ConnectedSources,
): Promise<readonly SourceHealth[]> {
  return Promise.all(
    declared.map(async (source) => ({
      source: source.name,
      hasCheck: source.health_check !== undefined,
      ...(await checkSource(source, sources.get(source.name))),
    })),
  );
}

type Finding = Pick<SourceHealth, 'status' | 'error'>;

async function checkSource(
  { health_check: check }: SourceMetadata,
  connected: ConnectedSource | undefined,
): Promise<Finding> {
  if (connected?.database == null || (check === undefined && connected.catalog === null)) {
    return { status: 'error', error: connected?.error?.message ?? 'not connected' };
  }
  if (check === undefined) return healthy;
  const { test = null, timeout } = check;
  const sql = isJsonObject(test) ? test['sql'] : undefined;
  const signal = AbortSignal.timeout(checkMs(timeout));
  try {
    await connected.database.queryRows(
      { text: typeof sql === 'string' ? sql : 'SELECT 1', parameters: [] },
      { signal, prepare: false },
    );
    return healthy;
  } catch (error) {
    if (signal.aborted) return { status: 'timeout', error: 'the check took too long' };
    const status = error instanceof DatabaseError ? 'failed' : 'error';
    return { status, error: error instanceof Error ? error.message : String(error) };
  }
}

const healthy: Finding = { status: 'ok', error: null };

/** Whole milliseconds. */
function checkMs(configuredSeconds: Json | undefined): number {
  const seconds = typeof configuredSeconds === 'number' ? configuredSeconds : longestCheckMs;
  return Math.min(Math.max(Math.ceil(seconds * 1000), 1), longestCheckMs);
}

/** The databases of all sources that are connected. */
export function listDatabases(
  { sources: declared }: Metadata,
  sources: ConnectedSources,
  options: ConnectionOptions,
): readonly (DatabaseLabels & { readonly connections: number })[] {
  return declared.flatMap(({ name, configuration }) => {
    const connected = sources.get(name);
    if (connected?.database == null) return [];
    const { connection_info: info } = configuration;
    const replicaInfos = configuration.read_replicas ?? [];
    const describe = (database: Database, own: ConnectionInfo, role: DatabaseLabels['role']) => ({
      source: name,
      connectionInfo: connectionLabel(own, resolveConnection(own, options).url),
      role,
      connections: database.stats().connections,
    });
    return [
      describe(connected.database, info, 'primary'),
      // one for each that is declared
      ...connected.replicas.map((database, number) =>
        describe(database, replicaInfos[number] ?? info, 'replica'),
      ),
    ];
  });
}
