import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  startWebhookServer,
  type WebhookReply,
  type WebhookServer,
} from '../../test/support/webhook-server.ts';
import { createWebhookClient } from '../webhooks/index.ts';
import { attemptDelivery } from './attempt-delivery.ts';
import type { Delivery } from './types.ts';

let receiver: WebhookServer;
let reply: () => WebhookReply | Promise<WebhookReply>;
const client = createWebhookClient();
const services = () => ({
  client,
  version: 'v2.0.0',
  environment: { RECEIVER: receiver.url, SECRET: 's3cret' },
});

beforeAll(async () => {
  receiver = await startWebhookServer(() => reply());
});
beforeEach(() => {
  receiver.requests.length = 0;
  reply = () => ({ body: { ok: true }, headers: { 'x-answer': '1' } });
});
afterAll(async () => {
  client.close();
  await receiver?.close();
});

const delivery: Delivery = {
  webhook: { kind: 'template', template: '{{RECEIVER}}/hook' },
  headers: [
    { name: 'x-plain', value: 'a' },
    { name: 'x-secret', value_from_env: 'SECRET' },
    { name: 'user-agent', value: 'mine' },
  ],
  payload: { id: '1' },
  version: '2',
  sessionVariables: new Map([['x-hasura-role', 'user']]),
  traceHeaders: [],
  timeoutMs: 5000,
  overallTimeoutMessage: 'too long',
};

const defaults = [
  { name: 'Content-Type', value: 'application/json' },
  { name: 'User-Agent', value: 'hasura-graphql-engine/v2.0.0' },
];

async function attempt(changes: Partial<Delivery> = {}) {
  const done = await attemptDelivery({ ...delivery, ...changes }, services());
  if (done === null) throw new Error('cancelled');
  const { request, response, status } = done.invocation;
  return { ...done, status, request: JSON.parse(request), response: JSON.parse(response) };
}

test('the event is posted with the configured headers; its record has values of the environment by name', async () => {
  const { result, status, request, response } = await attempt();
  expect(receiver.requests).toMatchObject([
    {
      method: 'POST',
      url: '/hook',
      body: '{"id":"1"}',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'hasura-graphql-engine/v2.0.0',
        'x-plain': 'a',
        'x-secret': 's3cret',
      },
    },
  ]);
  expect(result).toBe('delivered');
  expect(status).toBe(200);
  expect(request).toEqual({
    payload: { id: '1' },
    headers: [...defaults, { name: 'x-plain', value: 'a' }, { name: 'x-secret', value_from_env: 'SECRET' }],
    version: '2',
  });
  expect(response).toMatchObject({
    type: 'webhook_response',
    data: { body: '{"ok":true}', status: 200 },
    version: '2',
  });
  expect(response.data.headers).toContainEqual({ name: 'x-answer', value: '1' });
});

test('an answer of another status fails, and may say when to try again', async () => {
  reply = () => ({ status: 503, body: 'later', headers: { 'retry-after': '7' } });
  const { result, retryAfterSeconds, status, response } = await attempt();
  expect({ result, retryAfterSeconds, status }).toEqual({
    result: 'failed',
    retryAfterSeconds: 7,
    status: 503,
  });
  expect(response).toEqual({ type: 'client_error', data: { message: 'later' }, version: '2' });
});

test.each(['0', '-1', 'Wed, 21 Oct 2026 07:28:00 GMT', '1.5'])('Retry-After %s is no wish', async (given) => {
  reply = () => ({ status: 500, headers: { 'retry-after': given } });
  expect((await attempt()).retryAfterSeconds).toBeNull();
});

test('no answer in time: no status, the record says what happened without the path', async () => {
  reply = () => new Promise((resolve) => setTimeout(() => resolve({}), 400));
  const { result, status, response } = await attempt({ timeoutMs: 50 });
  expect({ result, status }).toEqual({ result: 'failed', status: null });
  expect(JSON.parse(response.data.message)).toMatchObject({
    type: 'http_exception',
    message: 'Response timeout',
  });
  expect(response.data.message).not.toContain('hook');
});

test('a missing variable fails the attempt, not for good', async () => {
  const { result, status, response } = await attempt({
    webhook: { kind: 'variable', name: 'NOT_THERE' },
    headers: [{ name: 'x', value_from_env: 'NOR_THIS' }],
  });
  expect({ result, status }).toEqual({ result: 'failed', status: 500 });
  expect(response.data.message).toBe(
    'Error creating the request. The value for environment variables not found: NOT_THERE, NOR_THIS',
  );
  expect(receiver.requests).toEqual([]);
});

test('a request transform decides what is sent, the record keeps the event', async () => {
  const { request } = await attempt({
    requestTransform: {
      version: 2,
      template_engine: 'Kriti',
      body: {
        action: 'transform',
        template: '{"event": {{$body.id}}, "role": {{$session_variables[\'x-hasura-role\']}} }',
      },
    },
  });
  expect(JSON.parse(receiver.requests[0]?.body ?? '')).toEqual({ event: '1', role: 'user' });
  expect(request.payload).toEqual({ id: '1' });
});

test('a request transform that fails leaves nothing to send', async () => {
  const { result, response } = await attempt({
    requestTransform: {
      version: 2,
      template_engine: 'Kriti',
      body: { action: 'transform', template: '{{$body.none}}' },
    },
  });
  expect(result).toBe('unsendable');
  expect(JSON.parse(response.data.message)).toMatchObject([{ error_code: 'Attribute Error' }]);
  expect(receiver.requests).toEqual([]);
});

test('a response transform decides what is recorded; one that fails fails the attempt', async () => {
  const transform = (template: string) => ({
    version: 2,
    template_engine: 'Kriti',
    body: { action: 'transform', template },
  });
  const { response } = await attempt({
    responseTransform: transform('{"was": {{$body.ok}}, "status": {{$response.status}} }'),
  });
  expect(JSON.parse(response.data.body)).toEqual({ was: true, status: 200 });
  const failed = await attempt({ responseTransform: transform('{{$body.none}}') });
  expect({ result: failed.result, status: failed.status }).toEqual({ result: 'failed', status: 500 });
});

test('who cancels learns nothing', async () => {
  const cancel = new AbortController();
  reply = () => {
    cancel.abort();
    return new Promise(() => {});
  };
  expect(await attemptDelivery(delivery, services(), cancel.signal)).toBeNull();
});
