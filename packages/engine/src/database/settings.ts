import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { type ConnectionString, parseConnectionString, parseSslMode } from './connection-string.ts';
import { DatabaseConnectionError, type DatabaseOptions, type IsolationLevel, type SslMode } from './types.ts';

/** Where one server listens. */
export interface Address {
  /** A name, an address, or (beginning with `/`) the directory of a unix socket. */
  readonly host: string;
  readonly port: number;
}

export interface TlsSettings {
  readonly mode: SslMode;
  /** PEM. */
  readonly ca: string | null;
  readonly certificate: string | null;
  readonly key: string | null;
  readonly keyPassword: string | null;
}

/** Everything one connection needs. */
export interface ConnectionSettings {
  readonly addresses: readonly Address[];
  readonly user: string;
  readonly password: string | null;
  readonly database: string;
  readonly tls: TlsSettings;
  readonly connectTimeoutMs: number;
  /** Sent at start-up: `application_name`, `options`. */
  readonly sessionParameters: readonly (readonly [name: string, value: string])[];
  readonly requiresWritable: boolean;
  /** Prepared statements kept on one connection; the least recently used one is closed beyond that. */
  readonly maxStatements: number;
}

export interface PoolSettings {
  readonly maxConnections: number;
  readonly idleTimeoutMs: number;
  /** 0: unlimited. */
  readonly connectionLifetimeMs: number;
  /** Null: for ever. */
  readonly poolTimeoutMs: number | null;
  readonly retries: number;
  readonly isolation: IsolationLevel;
  readonly usePreparedStatements: boolean;
}

const DEFAULT_PORT = 5432;
const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;
const MAX_STATEMENTS = 256;

/** The defaults of the contract. Source: spec/metadata-api.md 2.2. */
export function poolSettings(options: DatabaseOptions): PoolSettings {
  return {
    maxConnections: Math.max(1, options.maxConnections ?? 50),
    idleTimeoutMs: options.idleTimeoutMs ?? 180_000,
    connectionLifetimeMs: options.connectionLifetimeMs ?? 600_000,
    poolTimeoutMs: options.poolTimeoutMs ?? null,
    retries: Math.max(0, options.retries ?? 1),
    isolation: options.isolation ?? 'read-committed',
    usePreparedStatements: options.usePreparedStatements ?? true,
  };
}

/** Resolves the URL, libpq's environment variables and the options into settings. Throws `DatabaseConnectionError`. */
export function connectionSettings(
  options: DatabaseOptions,
  env: Readonly<Record<string, string | undefined>> = process.env,
): ConnectionSettings {
  const string = parseConnectionString(options.url);
  const user = string.user ?? env['PGUSER'] ?? userInfo().username;
  const applicationName =
    options.applicationName ??
    string.parameters.get('application_name') ??
    env['PGAPPNAME'] ??
    string.parameters.get('fallback_application_name') ??
    'postern';
  const sessionParameters: [string, string][] = [['application_name', applicationName]];
  const serverOptions = string.parameters.get('options') ?? env['PGOPTIONS'];
  if (serverOptions !== undefined) sessionParameters.push(['options', serverOptions]);
  if (string.parameters.get('channel_binding') === 'require') {
    throw new DatabaseConnectionError('channel_binding=require is not supported');
  }
  const attributes = string.parameters.get('target_session_attrs') ?? 'any';
  if (attributes !== 'any' && attributes !== 'read-write' && attributes !== 'primary') {
    throw new DatabaseConnectionError(`target_session_attrs=${attributes} is not supported`);
  }
  return {
    addresses: string.hosts.map(({ host, port }) => ({
      host: host ?? env['PGHOST'] ?? 'localhost',
      port: port ?? (Number(env['PGPORT']) || DEFAULT_PORT),
    })),
    user,
    password: string.password ?? env['PGPASSWORD'] ?? null,
    database: string.database ?? env['PGDATABASE'] ?? user,
    tls: tlsSettings(options, string, env),
    connectTimeoutMs: connectTimeout(string, options),
    sessionParameters,
    requiresWritable: attributes !== 'any',
    maxStatements: MAX_STATEMENTS,
  };
}

function connectTimeout(string: ConnectionString, { connectTimeoutMs }: DatabaseOptions): number {
  const seconds = Number(string.parameters.get('connect_timeout') ?? '');
  return seconds > 0 ? seconds * 1000 : (connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS);
}

function tlsSettings(
  options: DatabaseOptions,
  string: ConnectionString,
  env: Readonly<Record<string, string | undefined>>,
): TlsSettings {
  const { ssl } = options;
  const parameters = string.parameters;
  const rootCertificate = ssl?.rootCertificate ?? parameters.get('sslrootcert') ?? env['PGSSLROOTCERT'];
  const mode = ssl?.mode ?? parseSslMode(parameters.get('sslmode') ?? env['PGSSLMODE'] ?? 'prefer');
  const usesSystemRoots = rootCertificate === undefined || rootCertificate === 'system';
  return {
    // With a root certificate `require` verifies the chain, as libpq does for the sake of older configurations.
    mode: mode === 'require' && !usesSystemRoots ? 'verify-ca' : mode,
    ca: usesSystemRoots ? null : pem(rootCertificate, 'root certificate'),
    certificate: optionalPem(
      ssl?.certificate ?? parameters.get('sslcert') ?? env['PGSSLCERT'],
      'certificate',
    ),
    key: optionalPem(ssl?.key ?? parameters.get('sslkey') ?? env['PGSSLKEY'], 'private key'),
    keyPassword: ssl?.keyPassword ?? parameters.get('sslpassword') ?? null,
  };
}

function optionalPem(value: string | undefined, what: string): string | null {
  return value === undefined ? null : pem(value, what);
}

/** Either the PEM text itself or the path of a file that holds it. */
function pem(value: string, what: string): string {
  if (value.includes('-----BEGIN')) return value;
  try {
    return readFileSync(value, 'utf8');
  } catch (cause) {
    throw new DatabaseConnectionError(`the ${what} file "${value}" cannot be read`, { cause });
  }
}
