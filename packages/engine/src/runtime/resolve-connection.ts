import type { DatabaseOptions } from '../database/index.ts';
import type { ConnectionInfo, UrlConfiguration } from '../metadata/index.ts';
import { Path, RequestError } from '../support/index.ts';
import { environmentValue } from '../webhooks/index.ts';
import { resolveTls } from './resolve-tls.ts';
import { readSecretFile } from './secret-file.ts';
import type { RuntimeOptions } from './types.ts';

/** The metadata's defaults for pools that a source does not configure. Source: spec/metadata-api.md 2.2. */
const poolDefaults = {
  maxConnections: 50,
  idleTimeoutSeconds: 180,
  retries: 1,
  connectionLifetimeSeconds: 600,
};

/** What decides about connections beside the metadata. */
export type ConnectionOptions = Pick<RuntimeOptions, 'environment' | 'processes' | 'secretFilesPrefix'>;

/**
 * A source's connection settings with environment variables and files put in.
 * @throws RequestError `not-found` when a variable is not set, `permission-error` for files that may not be read
 */
export function resolveConnection(info: ConnectionInfo, options: ConnectionOptions): DatabaseOptions {
  const pool = info.pool_settings ?? {};
  const ssl = info.ssl_configuration ? resolveTls(info.ssl_configuration, options) : undefined;
  const seconds = (value: number | null | undefined, fallback: number) => (value ?? fallback) * 1000;
  return {
    url: resolveUrl(info.database_url, options),
    maxConnections: connectionsOfOne(pool.max_connections ?? poolDefaults.maxConnections, options),
    idleTimeoutMs: seconds(pool.idle_timeout, poolDefaults.idleTimeoutSeconds),
    connectionLifetimeMs: seconds(pool.connection_lifetime, poolDefaults.connectionLifetimeSeconds),
    retries: pool.retries ?? poolDefaults.retries,
    ...(pool.pool_timeout == null ? {} : { poolTimeoutMs: pool.pool_timeout * 1000 }),
    isolation: info.isolation_level ?? 'read-committed',
    usePreparedStatements: info.use_prepared_statements ?? false,
    ...(ssl === undefined ? {} : { ssl }),
  };
}

/** The part of one process in the connections that all of them may have together. */
export function connectionsOfOne(
  maxConnections: number,
  { processes }: Pick<RuntimeOptions, 'processes'>,
): number {
  return Math.max(1, Math.floor(maxConnections / processes));
}

function resolveUrl(url: UrlConfiguration, options: ConnectionOptions): string {
  if (typeof url === 'string') return resolveTemplate(url, options);
  if ('from_env' in url) return environmentValue(url.from_env, options.environment);
  if ('connection_parameters' in url) {
    const { host, port, username, password, database } = url.connection_parameters;
    const credentials =
      encodeURIComponent(username) + (password === undefined ? '' : `:${encodeURIComponent(password)}`);
    return `postgres://${credentials}@${encodeURIComponent(host)}:${port}/${encodeURIComponent(database)}`;
  }
  return readSecretFile(url.dynamic_from_file, options.secretFilesPrefix);
}

/** `{{NAME}}` in a string stands for the environment variable NAME. */
function resolveTemplate(text: string, { environment }: Pick<RuntimeOptions, 'environment'>): string {
  const missing: string[] = [];
  const resolved = text.replace(/\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}/g, (_, name: string) => {
    const value = environment[name];
    if (value === undefined) missing.push(name);
    return value ?? '';
  });
  if (missing.length > 0) {
    throw new RequestError(
      'not-found',
      Path.root,
      `Value for environment variables not found: ${missing.join(', ')}`,
    );
  }
  return resolved;
}
