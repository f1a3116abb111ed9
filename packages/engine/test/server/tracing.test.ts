import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createClient } from 'graphql-ws';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { adminSecret, type NotesServer, startNotesServer } from './notes-engine.ts';
import { type Collector, type ReceivedSpan, startCollector } from './otlp-collector.ts';

const trace = '463ac35c9f6413ad48485a3953bb6124';
const caller = 'a2fb4a1d1a96d312';

const toStop: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of toStop.splice(0).reverse()) await stop();
});

async function start(environment: Record<string, string> = {}): Promise<NotesServer> {
  const notes = await startNotesServer(environment);
  toStop.push(notes.stop);
  return notes;
}

async function collect(): Promise<Collector> {
  const collector = await startCollector();
  toStop.push(collector.close);
  return collector;
}

async function run(notes: NotesServer, type: string, args: unknown): Promise<void> {
  const response = await notes.post('/v1/metadata', { type, args });
  expect(response.status, await response.text()).toBe(200);
}

async function configure(
  notes: NotesServer,
  collector: Collector,
  exporter: Record<string, unknown> = {},
): Promise<void> {
  await run(notes, 'set_opentelemetry_config', {
    status: 'enabled',
    data_types: ['traces'],
    exporter_otlp: { otlp_traces_endpoint: collector.url, protocol: 'http/json', ...exporter },
    batch_span_processor: { max_export_batch_size: 100 },
  });
  // the packages are loaded only now
  await logged(notes, 'traces are exported');
}

async function logged(notes: NotesServer, message: string): Promise<void> {
  const messages = async () => (await notes.logs()).map(({ detail }) => detail.message);
  await expect.poll(messages, { timeout: 10_000 }).toContain(message);
}

/** Turning traces off sends what waits. */
async function flush(notes: NotesServer, collector: Collector): Promise<readonly ReceivedSpan[]> {
  await run(notes, 'set_opentelemetry_status', 'disabled');
  await logged(notes, 'an export of traces has ended');
  return collector.spans();
}

function spanNamed(spans: readonly ReceivedSpan[], name: string): ReceivedSpan {
  const found = spans.filter((span) => span.name === name);
  expect(found, `${name} among ${spans.map((span) => span.name)}`).toHaveLength(1);
  return found[0] as ReceivedSpan; // there is one
}

/** A webhook that remembers the headers of its callers. */
async function startWebhook(answer: unknown): Promise<{ url: string; calls: IncomingHttpHeaders[] }> {
  const calls: IncomingHttpHeaders[] = [];
  const server = createServer((message, response) => {
    calls.push(message.headers);
    message.resume().on('end', () => response.end(JSON.stringify(answer)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  toStop.push(() => new Promise((resolve) => server.close(() => resolve())));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, calls };
}

test('a query: request, operation, plan and statement are one trace, which goes on from the caller’s', async () => {
  const [notes, collector] = [await start({ HASURA_GRAPHQL_ENABLE_QUERY_TRACING: 'true' }), await collect()];
  await configure(notes, collector, {
    headers: [{ name: 'x-api-key', value: 'k' }],
    resource_attributes: [{ name: 'deployment.environment', value: 'test' }],
  });
  const response = await notes.post(
    '/v1/graphql',
    { query: 'query Mine($id: Int!) { notes_by_pk(id: $id) { body } }', variables: { id: 1 } },
    {
      'x-request-id': 'r1',
      'x-hasura-role': 'user',
      'x-hasura-user-id': '1',
      'x-b3-traceid': trace,
      'x-b3-spanid': caller,
    },
  );
  expect(await response.json()).toEqual({ data: { notes_by_pk: { body: 'one' } } });
  const spans = await flush(notes, collector);
  const request = spanNamed(spans, '/v1/graphql');
  expect(request).toMatchObject({
    traceId: trace,
    parentSpanId: caller,
    kind: 2,
    attributes: {
      request_id: 'r1',
      'http.request.method': 'POST',
      'url.path': '/v1/graphql',
      'http.response.status_code': 200,
      'enduser.role': 'user',
      session_variables: '{"x-hasura-role":"user","x-hasura-user-id":"1"}',
      'http.response_content_length': 39,
    },
  });
  const operation = spanNamed(spans, 'GraphQL query');
  expect(operation).toMatchObject({
    traceId: trace,
    parentSpanId: request.spanId,
    attributes: {
      'graphql.operation.type': 'query',
      'graphql.operation.name': 'Mine',
      parameterized_query_hash: expect.stringMatching(/^[0-9a-f]{40}$/),
    },
  });
  expect(spanNamed(spans, 'Plan')).toMatchObject({ traceId: trace, parentSpanId: operation.spanId });
  const statement = spanNamed(spans, 'PostgreSQL default');
  expect(statement).toMatchObject({
    traceId: trace,
    parentSpanId: operation.spanId,
    kind: 3,
    attributes: { 'db.system.name': 'postgresql', source_name: 'default' },
  });
  expect(statement.attributes['db.query.text']).toMatch(/^select .*"notes"/s);
  expect(collector.requests[0]?.headers).toMatchObject({
    'content-type': 'application/json',
    'x-api-key': 'k',
  });
  expect(collector.resource()).toMatchObject({ 'service.name': 'hasura', 'deployment.environment': 'test' });
});

test('statements have no text unless that is asked for; failures are marked; writes and batches are traced', async () => {
  const [notes, collector] = [await start(), await collect()];
  await configure(notes, collector);
  await notes.post('/v1/graphql', { query: '{ nothing }' });
  await notes.post('/v1/graphql', [
    { query: 'mutation { insert_notes_one(object: {id: 1}) { id } }' },
    { query: '{ notes { id } }' },
  ]);
  const spans = await flush(notes, collector);
  const failed = spans.filter(({ status }) => status.code === 2);
  expect(failed.map(({ name, status }) => [name, status.message])).toEqual([
    ['GraphQL query', expect.stringContaining("field 'nothing' not found")],
    ['/v1/graphql', expect.stringContaining("validation-failed: field 'nothing' not found")],
    ['PostgreSQL default', expect.stringContaining('duplicate key')],
    ['GraphQL mutation', expect.stringContaining('Uniqueness violation')],
  ]);
  expect(spans.filter(({ name }) => name === 'PostgreSQL default')).toHaveLength(2);
  for (const span of spans) expect(span.attributes).not.toHaveProperty('db.query.text');
});

test('W3C’s headers where they are configured; what the client does not want sampled is not', async () => {
  const [notes, collector] = [await start(), await collect()];
  await configure(notes, collector, { traces_propagators: ['b3', 'tracecontext'] });
  const ask = (flags: string) =>
    notes.post(
      '/v1/graphql',
      { query: '{ notes { id } }' },
      { traceparent: `00-${trace}-${caller}-${flags}`, tracestate: 'vendor=1' },
    );
  await ask('00');
  await ask('01');
  const spans = await flush(notes, collector);
  expect(spanNamed(spans, '/v1/graphql')).toMatchObject({ traceId: trace, parentSpanId: caller });
});

test('without a trace of the caller’s each request begins its own; logs say which', async () => {
  const [notes, collector] = [
    await start({ HASURA_GRAPHQL_ENABLED_LOG_TYPES: 'http-log,query-log' }),
    await collect(),
  ];
  const lineOf = async (requestId: string, type: string) =>
    (await notes.logs()).find((line) => line.type === type && line.detail.request_id === requestId);
  await notes.post('/v1/graphql', { query: '{ notes { id } }' }, { 'x-request-id': 'off' });
  await configure(notes, collector);
  for (const id of ['one', 'two']) {
    await notes.post('/v1/graphql', { query: '{ notes { id } }' }, { 'x-request-id': id });
  }
  const spans = await flush(notes, collector);
  expect(await lineOf('off', 'http-log')).not.toHaveProperty('trace_id');
  for (const id of ['one', 'two']) {
    const span = spans.find(({ attributes }) => attributes['request_id'] === id);
    expect(span).not.toHaveProperty('parentSpanId');
    for (const type of ['http-log', 'query-log']) {
      expect(await lineOf(id, type)).toMatchObject({ trace_id: span?.traceId, span_id: span?.spanId });
    }
  }
  expect((await lineOf('one', 'http-log'))?.detail.operation).toMatchObject({
    parameterized_query_hash: expect.stringMatching(/^[0-9a-f]{40}$/),
  });
  const traces = spans.filter(({ name }) => name === '/v1/graphql').map(({ traceId }) => traceId);
  expect(new Set(traces).size).toBe(2);
});

test('webhooks get the trace: those that know callers, and those that validate input', async () => {
  const hook = await startWebhook({ 'X-Hasura-Role': 'user', 'X-Hasura-User-Id': '1' });
  const validator = await startWebhook({});
  const [notes, collector] = [await start({ HASURA_GRAPHQL_AUTH_HOOK: hook.url }), await collect()];
  await run(notes, 'pg_create_insert_permission', {
    source: 'default',
    table: 'notes',
    role: 'user',
    permission: {
      columns: ['id'],
      check: {},
      validate_input: { type: 'http', definition: { url: validator.url, timeout: 5 } },
    },
  });
  await configure(notes, collector, { traces_propagators: ['b3', 'tracecontext'] });
  await fetch(`${notes.server.url}/v1/graphql`, {
    method: 'POST',
    headers: { 'x-b3-traceid': trace, 'x-b3-spanid': caller, authorization: 'Bearer x' },
    body: JSON.stringify({ query: 'mutation { insert_notes_one(object: {id: 9}) { id } }' }),
  });
  const spans = await flush(notes, collector);
  const ofTrace = spans.filter(({ traceId }) => traceId === trace);
  const authenticate = spanNamed(ofTrace, 'Authenticate');
  expect(hook.calls).toEqual([
    expect.objectContaining({
      authorization: 'Bearer x',
      'x-b3-traceid': trace,
      'x-b3-spanid': authenticate.spanId,
      'x-b3-parentspanid': authenticate.parentSpanId,
      'x-b3-sampled': '1',
      traceparent: `00-${trace}-${authenticate.spanId}-01`,
    }),
  ]);
  const validate = spanNamed(ofTrace, 'Validate input');
  expect(validator.calls).toEqual([
    expect.objectContaining({
      traceparent: `00-${trace}-${validate.spanId}-01`,
      'x-b3-spanid': validate.spanId,
    }),
  ]);
  expect(validator.calls[0]).not.toHaveProperty('authorization');
});

test('handlers of actions are part of the trace', async () => {
  const handler = await startWebhook({ id: 1 });
  const [notes, collector] = [await start(), await collect()];
  await run(notes, 'set_custom_types', {
    objects: [{ name: 'Told', fields: [{ name: 'id', type: 'Int!' }] }],
  });
  await run(notes, 'create_action', {
    name: 'tell',
    definition: {
      kind: 'synchronous',
      type: 'query',
      output_type: 'Told',
      handler: handler.url,
      arguments: [],
    },
  });
  await configure(notes, collector);
  const response = await notes.post(
    '/v1/graphql',
    { query: '{ tell { id } }' },
    { b3: `${trace}-${caller}-1` },
  );
  expect(await response.json()).toEqual({ data: { tell: { id: 1 } } });
  const spans = await flush(notes, collector);
  const call = spanNamed(spans, 'action tell');
  expect(call).toMatchObject({ traceId: trace, kind: 3 });
  expect(handler.calls).toEqual([
    expect.objectContaining({ 'x-b3-traceid': trace, 'x-b3-spanid': call.spanId }),
  ]);
  expect(handler.calls[0]).not.toHaveProperty('b3');
});

test('operations on WebSockets go on in the trace of the connection', async () => {
  const [notes, collector] = [await start(), await collect()];
  await configure(notes, collector);
  const client = createClient({
    url: `${notes.server.url.replace('http', 'ws')}/v1/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: {
      headers: { 'x-hasura-admin-secret': adminSecret, 'x-b3-traceid': trace, 'x-b3-spanid': caller },
    },
  });
  const answers = client.iterate({ query: 'query Q { notes_by_pk(id: 2) { body } }' });
  expect(await answers.next()).toMatchObject({ value: { data: { notes_by_pk: { body: 'two' } } } });
  await client.dispose();
  const spans = await flush(notes, collector);
  const operation = spanNamed(spans, 'WebSocket operation');
  expect(operation).toMatchObject({ traceId: trace, parentSpanId: caller });
  expect(operation.attributes).toMatchObject({ 'enduser.role': 'admin' });
  const lines = (await notes.logs()).filter(({ detail }) => detail.event?.type === 'operation');
  const place = { trace_id: trace, span_id: operation.spanId };
  expect(lines).toEqual([expect.objectContaining(place), expect.objectContaining(place)]);
  expect(spanNamed(spans, 'GraphQL query').parentSpanId).toBe(operation.spanId);
});

test('the default is protobuf, sent with bounded batches', async () => {
  const [notes, collector] = [await start(), await collect()];
  await configure(notes, collector, { protocol: undefined });
  await notes.post('/v1/graphql', { query: '{ notes { id } }' });
  await run(notes, 'set_opentelemetry_status', 'disabled');
  await expect.poll(() => collector.requests.length).toBeGreaterThan(0);
  const [request] = collector.requests;
  expect(request?.headers).toMatchObject({ 'content-type': 'application/x-protobuf' });
  expect(request?.body.includes('PostgreSQL default')).toBe(true);
});

test('a collector that is away costs no request and is told of in the log and the metrics', async () => {
  const collector = await collect();
  const notes = await start({ HASURA_GRAPHQL_ENABLED_APIS: 'metadata,graphql,metrics' });
  collector.answerWith(400);
  await configure(notes, collector);
  for (let i = 0; i < 150; i++) await notes.post('/v1/graphql', { query: '{ notes { id } }' });
  await run(notes, 'set_opentelemetry_status', 'disabled');
  const scrape = async () =>
    (
      await fetch(`${notes.server.url}/v1/metrics`, { headers: { 'x-hasura-admin-secret': adminSecret } })
    ).text();
  await logged(notes, 'an export of traces has ended');
  expect(await scrape()).toMatch(/hasura_otel_dropped_spans\{reason="send_failed"\} [1-9]/);
  expect(await scrape()).toMatch(/hasura_otel_sent_spans 0/);
  const lines = (await notes.logs()).filter(({ type }) => type === 'tracing-log');
  expect(lines.map(({ level, detail }) => [level, detail.message])).toEqual([
    ['info', 'traces are exported'],
    ['warn', 'traces are lost: send_failed'],
    ['info', 'an export of traces has ended'],
  ]);
});

test('what cannot be used is logged, and nothing is traced', async () => {
  const notes = await start({ POSTERN_CALLABLE_ADDRESSES: 'public' });
  await run(notes, 'set_opentelemetry_config', {
    status: '{{TRACES}}',
    data_types: ['traces'],
    exporter_otlp: { otlp_traces_endpoint: 'http://127.0.0.1:4318/v1/traces' },
  });
  await run(notes, 'set_opentelemetry_status', 'enabled');
  await notes.post('/v1/graphql', { query: '{ notes { id } }' });
  const lines = (await notes.logs()).filter(({ type }) => type === 'tracing-log');
  expect(lines.map(({ detail }) => detail)).toEqual([
    {
      message: 'traces are not exported: the configuration cannot be used',
      error: 'Value for environment variables not found: TRACES',
    },
    { message: 'traces are not exported', error: 'Connections to 127.0.0.1 are not allowed' },
  ]);
});
