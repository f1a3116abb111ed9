import { isJsonObject, type Json, type JsonObject, type Path, RequestError } from '../../support/index.ts';
import {
  type HeaderPairs,
  readRequestTransform,
  readResponseTransform,
  TransformError,
  TransformShapeError,
  transformRequest,
} from '../../webhook-transforms/index.ts';
import { encodeHeaderValue, fillTemplate } from '../../webhooks/index.ts';

/**
 * `test_webhook_transform`: what a transform makes of a request that is not sent. Variables come from the arguments, never from the environment.
 * Source: spec/events.md D.
 * @throws RequestError
 */
export function testWebhookTransform(args: JsonObject, path: Path): Json {
  const environment = textMembers(args['env'], path.child('env'));
  const variables = textMembers(args['session_variables'], path.child('session_variables'));
  const sessionVariables = new Map(
    Object.entries(variables).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const body = requiredMember(args, 'body', path);
  const given = requiredMember(args, 'request_transform', path);
  const transform = attempt('request', path, () =>
    readRequestTransform(asObject(given, path.child('request_transform'))),
  );
  const response = args['response_transform'] ?? null;
  if (response !== null) {
    attempt('response', path, () =>
      readResponseTransform(asObject(response, path.child('response_transform'))),
    );
  }
  const baseUrl = resolveUrl(requiredMember(args, 'webhook_url', path), environment, path);
  const headers = readHeaders(args['request_headers'] ?? [], path.child('request_headers'));
  const request = {
    method: 'GET',
    url: normalUrl(baseUrl, path),
    headers: headers.map(([name, value]): readonly [string, string] => [
      name,
      encodeHeaderValue(fillFromSample(value, environment, path)),
    ]),
    body: { kind: 'json', value: body } as const,
  };
  const made = attempt('request', path, () =>
    transformRequest(transform, request, { body, baseUrl, sessionVariables }),
  );
  return {
    body: made.body === null ? '' : made.body.kind === 'text' ? made.body.text : made.body.value,
    // shown as text, sent as bytes
    headers: made.headers.map(([name, value]) => [
      name.toLowerCase(),
      Buffer.from(value, 'latin1').toString('utf8'),
    ]),
    method: made.method,
    webhook_url: made.url,
  };
}

function attempt<T>(which: 'request' | 'response', path: Path, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof TransformShapeError) {
      throw new RequestError('parse-failed', path.child(`${which}_transform`, ...error.keys), error.message);
    }
    if (!(error instanceof TransformError)) throw error;
    throw new RequestError('validation-failed', path, `${which} transform validation failed`, {
      internal: error.errors,
    });
  }
}

function resolveUrl(given: Json, environment: Readonly<Record<string, string>>, path: Path): string {
  if (isJsonObject(given) && typeof given['from_env'] === 'string') {
    const value = environment[given['from_env']];
    if (value !== undefined) return value;
    throw new RequestError('not-found', path, 'Missing Env Var');
  }
  if (typeof given !== 'string') {
    throw new RequestError(
      'parse-failed',
      path.child('webhook_url'),
      'expected String or an object with "from_env"',
    );
  }
  if (given === '') throw new RequestError('parse-failed', path, 'Invalid Url Template');
  return fillFromSample(given, environment, path);
}

/** @throws RequestError for the first variable that the sample does not have */
function fillFromSample(template: string, environment: Readonly<Record<string, string>>, path: Path): string {
  const { text, missing } = fillTemplate(template, environment);
  const [name] = missing;
  if (name === undefined) return text;
  throw new RequestError('not-found', path, missingVariable(name));
}

/** In the words of the client that the reference engine calls with. */
function normalUrl(text: string, path: Path): string {
  // what a URL may not hold is encoded first, as that client does
  const encoded = text.replaceAll('{', '%7B').replaceAll('}', '%7D');
  const url = URL.canParse(encoded) ? new URL(encoded) : null;
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) return url.href;
  const reason = url === null ? 'Invalid URL' : 'Invalid scheme';
  throw new RequestError('validation-failed', path, 'request transform validation failed', {
    internal: [
      {
        error_code: 'Request Initialization Error',
        message: `InvalidUrlException ${JSON.stringify(text)} ${JSON.stringify(reason)}`,
      },
    ],
  });
}

function missingVariable(name: string): string {
  return (
    `Missing Env Var: ${name}. For security reasons when testing request options real environment variable values are not available. ` +
    `Please enter a mock value for ${name} in the Sample Env Variables list. ` +
    'See https://hasura.io/docs/latest/graphql/core/actions/rest-connectors/#action-transforms-sample-context'
  );
}

function requiredMember(args: JsonObject, key: string, path: Path): Json {
  const value = args[key];
  if (value !== undefined) return value;
  throw new RequestError('parse-failed', path, `the key '${key}' was not present`);
}

function asObject(value: Json, path: Path): JsonObject {
  if (isJsonObject(value)) return value;
  throw new RequestError('parse-failed', path, 'expected Object');
}

function textMembers(value: Json | undefined, path: Path): Readonly<Record<string, string>> {
  const members: Record<string, string> = Object.create(null);
  for (const [name, text] of Object.entries(asObject(value ?? {}, path))) {
    if (typeof text !== 'string') throw new RequestError('parse-failed', path.child(name), 'expected String');
    members[name] = text;
  }
  return members;
}

function readHeaders(value: Json, path: Path): HeaderPairs {
  if (!Array.isArray(value)) throw new RequestError('parse-failed', path, 'expected Array');
  return value.map((pair: Json, index) => {
    const [name, text] = Array.isArray(pair) ? (pair as readonly Json[]) : [];
    if (typeof name !== 'string' || typeof text !== 'string') {
      throw new RequestError('parse-failed', path.child(index), 'expected a header: [name, value]');
    }
    return [name, text];
  });
}
