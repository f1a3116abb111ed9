import type { JsonObject } from '../support/index.ts';
import {
  readRequestTransform,
  type TransformedRequest,
  transformRequest,
} from '../webhook-transforms/index.ts';
import {
  defaultHeaders,
  type Environment,
  environmentValue,
  fillTemplate,
  mergeHeaders,
  resolveHeaders,
} from '../webhooks/index.ts';
import type { Delivery, DeliveryServices } from './types.ts';

/** The environment does not have what the configuration names; it may have it later. */
export class MissingVariables extends Error {
  override readonly name = 'MissingVariables';

  constructor(variables: readonly string[]) {
    super(
      `Error creating the request. The value for environment variables not found: ${variables.join(', ')}`,
    );
  }
}

/**
 * The request before its transform. Source: spec/events.md A4.
 * @throws MissingVariables
 */
export function makeRequest(
  delivery: Delivery,
  { environment, version }: DeliveryServices,
): TransformedRequest {
  const missing = missingVariables(delivery, environment);
  if (missing.length > 0) throw new MissingVariables(missing);
  return {
    method: 'POST',
    url: addressOf(delivery, environment),
    headers: mergeHeaders(
      defaultHeaders(version),
      delivery.traceHeaders,
      resolveHeaders(delivery.headers, environment),
    ),
    body: { kind: 'json', value: delivery.payload },
  };
}

/**
 * The request that is sent: the same one without a transform.
 * @throws TransformError
 */
export function applyTransform(delivery: Delivery, request: TransformedRequest): TransformedRequest {
  if (delivery.requestTransform === undefined) return request;
  return transformRequest(requestTransformOf(delivery.requestTransform), request, {
    body: delivery.payload,
    baseUrl: request.url,
    sessionVariables: delivery.sessionVariables,
  });
}

function addressOf({ webhook }: Delivery, environment: Environment): string {
  return webhook.kind === 'variable'
    ? environmentValue(webhook.name, environment)
    : fillTemplate(webhook.template, environment).text;
}

/** What the environment would need to have for the event to be sent. */
export function missingVariables(
  { webhook, headers }: Pick<Delivery, 'webhook' | 'headers'>,
  environment: Environment,
): readonly string[] {
  const isMissing = (name: string) => !Object.hasOwn(environment, name) || environment[name] === undefined;
  const named = [
    ...(webhook.kind === 'variable' ? [webhook.name] : []),
    ...headers.flatMap(({ value_from_env: variable }) => (variable === undefined ? [] : [variable])),
  ];
  const templates = [
    ...(webhook.kind === 'template' ? [webhook.template] : []),
    ...headers.flatMap(({ value }) => (value === undefined ? [] : [value])),
  ];
  return [
    ...new Set([
      ...named.filter(isMissing),
      ...templates.flatMap((template) => fillTemplate(template, environment).missing),
    ]),
  ];
}

/** A transform is read once for each document of the metadata. */
const readTransforms = new WeakMap<JsonObject, ReturnType<typeof readRequestTransform>>();

function requestTransformOf(given: JsonObject): ReturnType<typeof readRequestTransform> {
  const known = readTransforms.get(given);
  if (known !== undefined) return known;
  const read = readRequestTransform(given);
  readTransforms.set(given, read);
  return read;
}
