import type { RawHeaders, Session } from '../authentication/index.ts';
import type { InputValidationCall } from '../plan/index.ts';
import { isJsonObject, type Json, Path, parseJson, RequestError, stringifyJson } from '../support/index.ts';
import {
  defaultHeaders,
  forwardedHeaders,
  mergeHeaders,
  resolveHeaders,
  resolveUrl,
  traceHeaders,
  type WebhookAnswer,
  type WebhookClient,
  WebhookError,
} from '../webhooks/index.ts';
import type { RuntimeOptions } from './types.ts';

/** What is read of an answer; its message is all that counts. */
const maximumAnswerBytes = 64 * 1024;

export interface InputValidationServices
  extends Pick<RuntimeOptions, 'environment' | 'version' | 'configuredHeadersFirst'> {
  readonly client: WebhookClient;
}

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
  services: InputValidationServices,
): Promise<void> {
  for (const call of calls) await ask(call, request, services);
}

async function ask(
  { role, validation, input }: InputValidationCall,
  { session, variables, clientHeaders }: Parameters<typeof validateInput>[1],
  services: InputValidationServices,
): Promise<void> {
  const { environment, version, configuredHeadersFirst } = services;
  const body = stringifyJson({
    version: 1,
    role,
    session_variables: Object.fromEntries(session.variables),
    data: { input: input(variables) },
  });
  const configured = resolveHeaders(validation.headers, environment);
  const forwarded = validation.forwardsClientHeaders ? forwardedHeaders(clientHeaders) : [];
  const headers = mergeHeaders(
    [['Content-Type', 'application/json']],
    traceHeaders(clientHeaders),
    ...(configuredHeadersFirst ? [configured, forwarded] : [forwarded, configured]),
    defaultHeaders(version),
  );
  const answer = await send(
    { url: resolveUrl(validation.url, environment), headers, body },
    validation,
    services,
  );
  if (answer.status >= 200 && answer.status < 300) return;
  if (answer.status !== 400) {
    throw unexpected(
      'internal error when validating input data',
      `expecting 200 or 400 status code, but found ${answer.status}`,
    );
  }
  const message = messageOf(answer.body);
  if (message === null)
    throw unexpected('received invalid response from input validation webhook', answer.body.slice(0, 1000));
  throw new RequestError('validation-failed', Path.root, message);
}

async function send(
  request: Pick<Parameters<WebhookClient['send']>[0], 'url' | 'headers' | 'body'>,
  { timeoutSeconds }: InputValidationCall['validation'],
  { client }: InputValidationServices,
): Promise<WebhookAnswer> {
  const bounds = { timeoutMs: timeoutSeconds * 1000, maximumRedirects: 0, maximumAnswerBytes };
  try {
    return await client.send({ method: 'POST', ...request, ...bounds });
  } catch (error) {
    if (!(error instanceof WebhookError)) throw error;
    throw unexpected('http exception when validating input data', error.message);
  }
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
