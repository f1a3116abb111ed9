import { DatabaseConnectionError, type SslMode } from './types.ts';

/** A connection string as written: what it does not say is absent. */
export interface ConnectionString {
  /** In the order in which they are tried; a host that begins with `/` is the directory of a unix socket. */
  readonly hosts: readonly { readonly host: string | null; readonly port: number | null }[];
  readonly user: string | null;
  readonly password: string | null;
  readonly database: string | null;
  /** The other parameters by libpq's name: `sslmode`, `application_name`, `options`, … */
  readonly parameters: ReadonlyMap<string, string>;
}

/** The parameters that the driver acts upon. */
const SUPPORTED = new Set([
  'application_name',
  'channel_binding',
  'client_encoding',
  'connect_timeout',
  'fallback_application_name',
  'options',
  'sslcert',
  'sslkey',
  'sslmode',
  'sslpassword',
  'sslrootcert',
  'target_session_attrs',
]);

/** Those of libpq that change nothing here. */
const IGNORED = new Set([
  'gssencmode',
  'keepalives',
  'keepalives_count',
  'keepalives_idle',
  'keepalives_interval',
  'krbsrvname',
  'gsslib',
  'load_balance_hosts',
  'passfile',
  'replication',
  'require_auth',
  'sslcompression',
  'sslcrl',
  'sslcrldir',
  'sslsni',
  'ssl_min_protocol_version',
  'ssl_max_protocol_version',
  'tcp_user_timeout',
]);

const SSL_MODES: readonly SslMode[] = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'];

/**
 * Reads `postgres://user:password@host:port,host2/database?name=value` or `host=… dbname=…`, as libpq does
 * (PostgreSQL manual, "Connection Strings"). Throws a `DatabaseConnectionError` that does not repeat the string, which may hold a password.
 */
export function parseConnectionString(text: string): ConnectionString {
  const trimmed = text.trim();
  const match = /^postgres(?:ql)?:\/\/(.*)$/s.exec(trimmed);
  return match === null ? fromParts(readKeywords(trimmed)) : readUri(match[1] as string); // the group always takes part
}

export function parseSslMode(value: string): SslMode {
  const mode = SSL_MODES.find((name) => name === value);
  if (mode === undefined) throw new DatabaseConnectionError(`invalid sslmode value: "${value}"`);
  return mode;
}

function readUri(rest: string): ConnectionString {
  const [beforeQuery, query] = cut(rest, '?');
  const slash = beforeQuery.indexOf('/');
  const authority = slash === -1 ? beforeQuery : beforeQuery.slice(0, slash);
  const path = slash === -1 ? '' : beforeQuery.slice(slash + 1);
  const at = authority.lastIndexOf('@');
  const parts = new Map<string, string>();
  if (at !== -1) {
    const [user, password] = cut(authority.slice(0, at), ':');
    if (user !== '') parts.set('user', decode(user));
    if (password !== null) parts.set('password', decode(password));
  }
  const addresses = authority
    .slice(at + 1)
    .split(',')
    .map(readAddress);
  parts.set('host', addresses.map((address) => decode(address.host)).join(','));
  parts.set('port', addresses.map((address) => address.port).join(','));
  if (path !== '') parts.set('dbname', decode(path));
  for (const pair of query === null || query === '' ? [] : query.split('&')) {
    const [name, value] = cut(pair, '=');
    if (value === null)
      throw new DatabaseConnectionError(`missing key/value separator "=" in URI query parameter: "${name}"`);
    parts.set(decode(name), decode(value));
  }
  return fromParts(parts);
}

function readAddress(text: string): { readonly host: string; readonly port: string } {
  const match = /^(?:\[([^\]]*)\]|([^:]*))(?::(.*))?$/s.exec(text);
  if (match === null) throw new DatabaseConnectionError('invalid host in the connection string');
  return { host: match[1] ?? match[2] ?? '', port: match[3] ?? '' };
}

/** `host=localhost password='a b\'c'`. */
function readKeywords(text: string): Map<string, string> {
  const parts = new Map<string, string>();
  const pattern = /\s*([a-z_]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)*))(?=\s|$)/gsy;
  let position = 0;
  while (position < text.length) {
    pattern.lastIndex = position;
    const match = pattern.exec(text);
    if (match === null)
      throw new DatabaseConnectionError('the connection string is neither postgres://… nor name=value pairs');
    parts.set(match[1] as string, (match[2] ?? match[3] ?? '').replace(/\\(.)/gs, '$1')); // group 1 always takes part
    position = pattern.lastIndex;
  }
  return parts;
}

function fromParts(parts: Map<string, string>): ConnectionString {
  const take = (name: string): string | null => {
    const value = parts.get(name);
    parts.delete(name);
    return value === undefined || value === '' ? null : value;
  };
  const names = take('host')?.split(',') ?? [''];
  const addresses = take('hostaddr')?.split(',');
  const ports = take('port')?.split(',') ?? [''];
  const hosts = names.map((name, index) => {
    const host = addresses?.[index] ?? name;
    return {
      host: host === '' ? null : host,
      port: readPort((ports.length === 1 ? ports[0] : ports[index]) ?? ''),
    };
  });
  const user = take('user');
  const password = take('password');
  const database = take('dbname');
  if (parts.get('ssl') === 'true') {
    parts.delete('ssl');
    parts.set('sslmode', 'require');
  }
  for (const name of parts.keys()) {
    if (IGNORED.has(name)) parts.delete(name);
    else if (!SUPPORTED.has(name))
      throw new DatabaseConnectionError(`invalid connection parameter: "${name}"`);
  }
  return { hosts, user, password, database, parameters: parts };
}

function readPort(text: string): number | null {
  if (text === '') return null;
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535)
    throw new DatabaseConnectionError(`invalid port number: "${text}"`);
  return port;
}

function cut(text: string, separator: string): readonly [string, string | null] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, null] : [text.slice(0, at), text.slice(at + 1)];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new DatabaseConnectionError('invalid percent-encoding in the connection string');
  }
}
