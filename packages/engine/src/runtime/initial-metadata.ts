import { emptyMetadata, type Metadata } from '../metadata/index.ts';
import type { RuntimeOptions } from './types.ts';

/** What a first start stores: the source `default` on the database that the engine was given. Source: spec/metadata-api.md 7.1. */
export function initialMetadata(options: RuntimeOptions): Metadata {
  if (options.databaseUrl === null) return emptyMetadata;
  return {
    ...emptyMetadata,
    sources: [
      {
        name: 'default',
        kind: 'postgres',
        tables: [],
        configuration: {
          connection_info: {
            database_url: { from_env: 'HASURA_GRAPHQL_DATABASE_URL' },
            isolation_level: options.isolation,
            pool_settings: {
              connection_lifetime: options.connectionLifetimeMs / 1000,
              idle_timeout: options.idleTimeoutMs / 1000,
              max_connections: options.maxConnections,
              retries: options.retries,
              ...(options.poolTimeoutMs === null ? {} : { pool_timeout: options.poolTimeoutMs / 1000 }),
            },
            use_prepared_statements: options.usePreparedStatements,
          },
        },
      },
    ],
  };
}
