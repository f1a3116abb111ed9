import type { ServeConfiguration } from '@postern/engine/server';

const VARIABLE = 'HASURA_GRAPHQL_DATABASE_URL';

/**
 * Lets stored metadata find the database also when it was named by `DATABASE_URL` or a flag: metadata that Hasura (or an earlier start)
 * wrote says `from_env: HASURA_GRAPHQL_DATABASE_URL`.
 */
export function withDatabaseVariable(configuration: ServeConfiguration): ServeConfiguration {
  const { databaseUrl, environment } = configuration;
  const isSet = (environment[VARIABLE] ?? '') !== '';
  if (databaseUrl === null || isSet) return configuration;
  return { ...configuration, environment: { ...environment, [VARIABLE]: databaseUrl } };
}
