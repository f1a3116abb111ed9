import { type JsonObject, stringifyJson } from '../support/index.ts';
import type { WebhookAnswer } from '../webhooks/index.ts';
import { defaultHeaders } from '../webhooks/index.ts';
import type { Delivery, DeliveryServices, Invocation } from './types.ts';

/**
 * What was asked, as the log keeps it: the event, not what a transform made of it, and values of the environment by their names.
 * Source: spec/events.md A5.3.
 */
function requestRecord({ payload, headers, version }: Delivery, services: DeliveryServices): string {
  const defaults = defaultHeaders(services.version).map(([name, value]) => ({ name, value }));
  const taken = new Set(defaults.map(({ name }) => name.toLowerCase()));
  const configured = headers
    .filter(({ name }) => !taken.has(name.toLowerCase()))
    .map(({ name, value, value_from_env: variable }) =>
      variable === undefined ? { name, value: value ?? '' } : { name, value_from_env: variable },
    );
  return stringifyJson({ payload, headers: [...defaults, ...configured], version });
}

/** The webhook took the event. @param body after its transform */
export function successRecord(
  delivery: Delivery,
  services: DeliveryServices,
  { status, headers }: WebhookAnswer,
  body: string,
): Invocation {
  const data = { body, headers: headers.map(([name, value]) => ({ name, value })), status };
  return record(delivery, services, status, { type: 'webhook_response', data });
}

/** @param status null: there was no answer */
export function failureRecord(
  delivery: Delivery,
  services: DeliveryServices,
  status: number | null,
  message: string,
): Invocation {
  return record(delivery, services, status, { type: 'client_error', data: { message } });
}

function record(
  delivery: Delivery,
  services: DeliveryServices,
  status: number | null,
  response: JsonObject,
): Invocation {
  return {
    status,
    request: requestRecord(delivery, services),
    response: stringifyJson({ ...response, version: delivery.version }),
  };
}
