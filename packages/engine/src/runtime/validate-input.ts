import type { RawHeaders, Session } from '../authentication/index.ts';
import type { InputValidationCall } from '../plan/index.ts';
import { isJsonObject, type Json, Path, parseJson, RequestError, stringifyJson } from '../support/index.ts';
import { traceHeaders } from '../webhooks/index.ts';
import { environmentValue, resolveTemplate } from './resolve-connection.ts';
import type { RuntimeOptions } from './types.ts';

/** What is read of an answer; its message is all that counts. */
const maximumAnswerBytes = 64 * 1024;

/** Headers of the client that describe its own message or connection, not the caller. Source: spec/server.md 2.5. */
const notForwarded = new Set([
  'accept',
  'accept-datetime',
  'accept-encoding',
  'accept-language',
  'cache-control',
  'connection',
  'content-length',
  'content-md5',
  'content-type',
  'dnt',
  'host',
  'origin',
  'referer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
  'x-hasura-admin-secret',
  'x-hasura-access-key',
]);

/**
 * Asks the webhooks of permissions, one after the other, whether the input may be written. Redirects are not followed, so that no webhook can point
 * the engine at another address. Source: spec/permissions.md 2.7, 10.4.
 * @throws RequestError `validation-failed` with the webhook's message, or `unexpected` when it gives no usable answer
 */
export async function validateInput(
  calls: readonly InputValidationCall[],
  request: {
    readonly session: Session;
    readonly variables: Parameters<InputValidationCall['input']>[0];
    readonly clientHeaders: RawHeaders;
  },
  options: Pick<RuntimeOptions, 'environment'>,
): Promise<void> {
  for (const call of calls) await ask(call, request, options);
}

async function ask(
  { role, validation, input }: InputValidationCall,
  { session, variables, clientHeaders }: Parameters<typeof validateInput>[1],
  options: Pick<RuntimeOptions, 'environment'>,
): Promise<void> {
  const body = stringifyJson({
    version: 1,
    role,
    session_variables: Object.fromEntries(session.variables),
    data: { input: input(variables) },
  });
  const headers = new Headers();
  for (const { name, value, value_from_env: variable } of validation.headers) {
    headers.set(
      name,
      variable === undefined ? resolveTemplate(value ?? '', options) : environmentValue(variable, options),
    );
  }
  if (validation.forwardsClientHeaders) forward(clientHeaders, headers);
  for (const [name, value] of traceHeaders(clientHeaders)) headers.set(name, value);
  headers.set('content-type', 'application/json');
  let response: Response;
  let text: string;
  try {
    response = await fetch(resolveTemplate(validation.url, options), {
      method: 'POST',
      headers,
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(validation.timeoutSeconds * 1000),
    });
    text = response.ok ? await skipBody(response) : await readBounded(response);
  } catch (error) {
    throw unexpected(
      'http exception when validating input data',
      error instanceof Error ? error.message : String(error),
    );
  }
  if (response.ok) return;
  if (response.status !== 400) {
    throw unexpected(
      'internal error when validating input data',
      `expecting 200 or 400 status code, but found ${response.status}`,
    );
  }
  const message = messageOf(text);
  if (message === null)
    throw unexpected('received invalid response from input validation webhook', text.slice(0, 1000));
  throw new RequestError('validation-failed', Path.root, message);
}

/** The client's headers win over the configured ones. */
function forward(clientHeaders: RawHeaders, headers: Headers): void {
  for (let index = 0; index + 1 < clientHeaders.length; index += 2) {
    const name = (clientHeaders[index] ?? '').toLowerCase();
    if (!notForwarded.has(name)) headers.set(name, clientHeaders[index + 1] ?? '');
  }
}

async function skipBody(response: Response): Promise<string> {
  await response.body?.cancel();
  return '';
}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > maximumAnswerBytes) throw new Error('the answer of the webhook is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function messageOf(text: string): string | null {
  let answer: Json;
  try {
    answer = parseJson(text);
  } catch {
    return null;
  }
  const message = isJsonObject(answer) ? answer['message'] : undefined;
  return typeof message === 'string' ? message : null;
}

function unexpected(message: string, internal: string): RequestError {
  return new RequestError('unexpected', Path.root, message, { status: 500, internal });
}
