import { openDatabase } from '../database/index.ts';
import { openMetadataStorage } from '../metadata/index.ts';
import { Path, RequestError } from '../support/index.ts';
import { EngineRuntime } from './engine-runtime.ts';
import { initialMetadata } from './initial-metadata.ts';
import { IntrospectionStore } from './introspection-store.ts';
import { connectionsOfOne } from './resolve-connection.ts';
import { openSharedStores } from './shared-stores.ts';
import type { Runtime, RuntimeOptions } from './types.ts';

/**
 * Connects to the metadata database, reads what is stored there (or stores a first document), and builds the model.
 * Rejects when the metadata database cannot be used; a source that cannot be reached is an inconsistency, not a failure.
 */
export async function createRuntime(options: RuntimeOptions): Promise<Runtime> {
  const url = options.metadataDatabaseUrl ?? options.databaseUrl;
  if (url === null) {
    throw new RequestError(
      'invalid-configuration',
      Path.root,
      'no database for the metadata: set HASURA_GRAPHQL_METADATA_DATABASE_URL or HASURA_GRAPHQL_DATABASE_URL',
    );
  }
  const database = openDatabase({
    url,
    maxConnections: connectionsOfOne(options.maxConnections, options),
    idleTimeoutMs: options.idleTimeoutMs,
    connectionLifetimeMs: options.connectionLifetimeMs,
    retries: options.retries,
    applicationName: 'postern metadata',
  });
  try {
    const storage = await openMetadataStorage(database, { initial: initialMetadata(options) });
    const { id } = await storage.readCatalogState();
    const stores = await openSharedStores(options, String(id));
    try {
      const introspections = await IntrospectionStore.open(database);
      const runtime = new EngineRuntime({ options, database, storage, stores, introspections });
      await runtime.start();
      return runtime;
    } catch (error) {
      stores.close();
      throw error;
    }
  } catch (error) {
    await database.close({ deadlineMs: 0 });
    throw error;
  }
}
