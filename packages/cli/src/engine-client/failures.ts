import { isList, isMapping, mappingOf, readJson, type Value, writeJson } from '../document/index.ts';
import { messageOf, UserError } from '../user-error.ts';
import { codeOf, type HttpResponse, isOverloaded } from './http.ts';
import { proxyFor } from './proxy.ts';

/** The server has refused a request. The message is its answer, made readable. */
export class EngineError extends UserError {
  readonly status: number;
  readonly body: string;

  constructor(status: number, body: string) {
    super(describe(status, body));
    this.status = status;
    this.body = body;
  }
}

/** An answer with another status than 200. */
export function refusal(endpoint: string, { status, text, location }: HttpResponse): UserError {
  if (location !== null && status >= 300 && status < 400) {
    return new UserError(`the server leads to ${location}; use that address as the endpoint`);
  }
  if (isOverloaded(status) && !isJson(text)) {
    return new UserError(
      `${endpoint} is not ready (status ${status}${quoted(text)}): the server, or a proxy before it, asks to be tried again later`,
    );
  }
  if (text.trim() !== '' && !isJson(text)) return noEngine(endpoint, `status ${status}${quoted(text)}`);
  return new EngineError(status, text);
}

/** Something answers, but no engine: `what` says how. */
export function noEngine(endpoint: string, what: string): UserError {
  return new UserError(
    `what answers at ${endpoint} is no engine: ${what}. Is the endpoint the root URL of an engine? It is taken from --endpoint, HASURA_GRAPHQL_ENDPOINT or endpoint in config.yaml`,
  );
}

/** The beginning of a page of another program. */
function quoted(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line === '' ? '' : `, ${JSON.stringify(line.length > 100 ? `${line.slice(0, 100)}…` : line)}`;
}

function isJson(text: string): boolean {
  try {
    readJson(text);
    return true;
  } catch {
    return false;
  }
}

/** The answer with its lines indented; what to do, where the status alone says it. */
function describe(status: number, body: string): string {
  let text = body;
  try {
    text = writeJson(shortened(readJson(body)), 2);
  } catch {
    // not JSON: as it came
  }
  if (text.trim() === '') text = `the server answered with status ${status}`;
  if (/cannot run inside a transaction block/.test(body))
    return `${text}\nRun it in a migration of its own with --no-transaction.`;
  return status === 401 || /"(access-denied|invalid-headers)"/.test(body)
    ? `${text}\nIs the admin secret right? It is taken from --admin-secret, HASURA_GRAPHQL_ADMIN_SECRET or admin_secret in config.yaml.`
    : text;
}

/** Longer texts, such as a whole migration, are shown by their beginning. */
const longestText = 2_000;

function shortened(value: Value): Value {
  if (typeof value === 'string' && value.length > longestText)
    return `${value.slice(0, longestText)}… (${value.length} characters)`;
  if (isList(value)) return value.map(shortened);
  return isMapping(value) ? mappingOf([...value].map(([key, member]) => [key, shortened(member)])) : value;
}

/** An engine may be told not to serve some of its APIs; another program serves none of them. */
export function notServed(endpoint: string, path: string): UserError {
  const api = path.split('/').at(-1);
  return new UserError(
    `${endpoint} does not serve /${path}. Is the endpoint the root URL of an engine? If it is: its --enabled-apis must name the API (${api === 'pg_dump' ? 'pgdump' : 'metadata'})`,
  );
}

/** The connection ended when something was to be changed. */
export function lost(endpoint: string, error: unknown): UserError {
  return new UserError(
    `${endpoint} ended the connection before it had answered (${messageOf(error)}). Whether it has done what was asked is unknown: look before you try again`,
    { cause: error },
  );
}

/** No answer came; the reasons are the four of the Hasura CLI. */
export function unreachable(endpoint: string, error: unknown): UserError {
  const code = codeOf(error);
  const proxy = proxyFor(new URL(endpoint), process.env);
  const isPlain = code === 'EPROTO' && endpoint.startsWith('https:');
  const detail = isPlain
    ? 'what answers there speaks no TLS; perhaps the address begins with http://'
    : messageOf(error) || code || 'no connection';
  return new UserError(
    [
      `connecting to graphql-engine server failed: ${endpoint}: ${detail}`,
      'possible reasons:',
      `1) the endpoint is wrong: it is taken from --endpoint, HASURA_GRAPHQL_ENDPOINT or endpoint in config.yaml`,
      '2) the server is not running, or still starting: its log tells',
      proxy === null
        ? '3) something between here and there (a firewall, a VPN) does not let the request through'
        : `3) the proxy ${proxy.host} (HTTP_PROXY, HTTPS_PROXY) does not let the request through: NO_PROXY names hosts that are reached without it`,
      '4) the certificate is not trusted here: --certificate-authority names a file with that of its issuer',
    ].join('\n'),
    { cause: error },
  );
}
