import { Path, RequestError } from '../support/index.ts';
import { fromRawHeaders, type HeaderList, traceHeaders, type WebhookClient } from '../webhooks/index.ts';
import { dateAt } from './date-at.ts';
import { decodeHeaderValue } from './headers.ts';
import { parseHttpDate } from './http-date.ts';
import { wrongType } from './json-type.ts';
import { isSecretName, makeSession, printVariable } from './session.ts';
import type {
  Authenticated,
  AuthenticationLog,
  AuthenticationMode,
  AuthenticationRequest,
  HookConfiguration,
  RawHeaders,
} from './types.ts';
import { urlWithoutPassword } from './url-without-password.ts';

const timeoutMs = 30_000;
const maximumAnswerBytes = 1024 * 1024;

/** Headers that concern only the connection between the client and us. Source: spec/authentication.md 10.1. */
const notForwarded: ReadonlySet<string> = new Set([
  'content-length',
  'content-md5',
  'user-agent',
  'host',
  'origin',
  'referer',
  'accept',
  'accept-encoding',
  'accept-language',
  'accept-datetime',
  'cache-control',
  'connection',
  'dnt',
  'content-type',
  'expect',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

interface HookOptions {
  readonly log: AuthenticationLog;
  readonly version: string;
  readonly client: WebhookClient;
}

/** Every request is shown to a webhook, which answers with role and variables. Source: spec/authentication.md 10. */
export function webhookMode(hook: HookConfiguration, options: HookOptions): AuthenticationMode {
  return {
    async authenticate(headers, request) {
      const answer = await call(hook, headers, request, options);
      const log = answerLog(hook, answer, options.log);
      try {
        const authenticated = readAnswer(answer, log);
        log('info', null);
        return authenticated;
      } catch (error) {
        log('error', answer.body);
        throw error;
      }
    },
    close() {},
  };
}

interface HookAnswer {
  readonly status: number;
  readonly body: string;
  readonly cookies: readonly string[];
}

async function call(
  hook: HookConfiguration,
  headers: RawHeaders,
  request: AuthenticationRequest,
  { log, version, client }: HookOptions,
): Promise<HookAnswer> {
  try {
    const {
      status,
      headers: answered,
      body,
    } = await client.send({
      url: hook.url,
      method: hook.mode,
      headers:
        hook.mode === 'GET'
          ? forwardedHeaders(headers, version)
          : [...ownHeaders(version), ...traceHeaders(headers)],
      body: hook.mode === 'GET' ? null : postBody(hook, headers, request),
      maximumRedirects: 0,
      maximumAnswerBytes,
      timeoutMs,
    });
    const cookies = answered.flatMap(([name, value]) => (name.toLowerCase() === 'set-cookie' ? [value] : []));
    return { status, body, cookies };
  } catch (error) {
    log({
      level: 'error',
      type: 'webhook-log',
      detail: {
        status_code: null,
        url: urlWithoutPassword(hook.url),
        method: hook.mode,
        http_error: error instanceof Error ? error.message : String(error),
        response: null,
        message: null,
      },
    });
    throw unexpected('webhook authentication request failed');
  }
}

type AnswerLog = (level: 'info' | 'warn' | 'error', response: string | null, message?: string) => void;

/** Writes log lines about an answer. Source: spec/server.md 5.6. */
function answerLog(
  { url, mode }: HookConfiguration,
  { status }: HookAnswer,
  log: AuthenticationLog,
): AnswerLog {
  return (level, response, message) =>
    log({
      level,
      type: 'webhook-log',
      detail: {
        status_code: status,
        url: urlWithoutPassword(url),
        method: mode,
        http_error: null,
        response,
        message: message ?? null,
      },
    });
}

function ownHeaders(version: string): HeaderList {
  return [
    ['Content-Type', 'application/json'],
    ['User-Agent', `hasura-graphql-engine/${version}`],
  ];
}

function forwardedHeaders(headers: RawHeaders, version: string): HeaderList {
  const forwarded = fromRawHeaders(headers).filter(([name]) => !notForwarded.has(name.toLowerCase()));
  return [...forwarded, ...ownHeaders(version)];
}

function postBody(hook: HookConfiguration, headers: RawHeaders, request: AuthenticationRequest): string {
  const sent: Record<string, string> = Object.create(null);
  for (let i = 0; i + 1 < headers.length; i += 2) {
    sent[headers[i] as string] = decodeHeaderValue(headers[i + 1] as string);
  }
  const head = `{"headers":${JSON.stringify(sent)}`;
  return hook.sendRequestBody ? `${head},"request":${request.graphqlBody() ?? 'null'}}` : `${head}}`;
}

function readAnswer({ status, body, cookies }: HookAnswer, log: AnswerLog): Authenticated {
  if (status === 401) {
    throw new RequestError('access-denied', Path.root, 'Authentication hook unauthorized this request', {
      status: 401,
    });
  }
  if (status !== 200) throw unexpected('Invalid response from authorization hook');
  const claims = parseClaims(body);
  const variables = new Map<string, string>();
  for (const [name, value] of claims) {
    const lowerName = name.toLowerCase();
    if (lowerName.startsWith('x-hasura-') && !isSecretName(lowerName)) variables.set(lowerName, value);
  }
  const role = variables.get('x-hasura-role') || null;
  if (role === null) {
    throw new RequestError(
      'invalid-params',
      Path.root,
      `${printVariable('x-hasura-role')} not found in session variables`,
    );
  }
  return {
    session: makeSession(role, variables, {
      expiresAt: expiryOf(claims, () => log('warn', body, unreadableExpiry)),
    }),
    // the last cookie first, as upstream's test has it
    responseHeaders: [...cookies].reverse().flatMap((cookie) => ['Set-Cookie', cookie]),
  };
}

const unreadableExpiry = 'the expiry in the answer of the authorization hook cannot be read';

function parseClaims(body: string): ReadonlyMap<string, string> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    throw invalidAnswer('$', 'not a valid json value');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw invalidAnswer('$', wrongType('HashMap ~Text', 'Object', parsed));
  }
  for (const [name, value] of Object.entries(parsed)) {
    if (typeof value !== 'string') throw invalidAnswer(placeOf(name), wrongType('Text', 'String', value));
  }
  return new Map(Object.entries(parsed as Record<string, string>));
}

function invalidAnswer(place: string, fault: string): RequestError {
  return unexpected(`Invalid response from authorization hook: Error in ${place}: ${fault}`);
}

/** As Hasura's decoder of JSON prints places. */
function placeOf(name: string): string {
  return /^[A-Za-z][A-Za-z0-9]*$/.test(name) ? `$.${name}` : `$['${name}']`;
}

/** Members of the body, not headers, and spelled exactly so. Source: spec/authentication.md 10.2. */
function expiryOf(claims: ReadonlyMap<string, string>, onUnreadable: () => void): Date | null {
  const cacheControl = claims.get('Cache-Control');
  const expires = claims.get('Expires');
  if (cacheControl === undefined && expires === undefined) return null;
  const seconds =
    cacheControl === undefined ? null : /(?:^|[\s,])(?:max-age|s-maxage)\s*=\s*(\d+)/i.exec(cacheControl);
  if (seconds != null) return dateAt(Date.now() + Number(seconds[1]) * 1000);
  const date = expires === undefined ? null : parseHttpDate(expires);
  if (date === null) onUnreadable();
  return date;
}

function unexpected(message: string): RequestError {
  return new RequestError('unexpected', Path.root, message, { status: 500 });
}
