/** The description of a large schema leaves while it is made. */
import { request } from 'node:http';
import { getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEngine } from '../../src/index.ts';
import { adminSecret, type NotesServer, startNotesServer } from './notes-engine.ts';

const query = getIntrospectionQuery();
let notes: NotesServer;
beforeAll(async () => {
  notes = await startNotesServer();
  const names = Array.from({ length: 200 }, (_, index) => `thing_${index}`);
  await notes.database.sql(
    names.map((name) => `create table ${name} (id int primary key, name text);`).join('\n'),
  );
  const tracked = await notes.post('/v1/metadata', {
    type: 'pg_track_tables',
    args: { tables: names.map((name) => ({ table: name })) },
  });
  expect(tracked.status).toBe(200);
}, 60_000);
afterAll(() => notes?.stop());

const introspection = (headers: Record<string, string>) => notes.post('/v1/graphql', { query }, headers);
const lastLine = async () => (await notes.logs()).filter(({ type }) => type === 'http-log').at(-1)?.detail;

test('has no length, is the same gzipped and plain, and its line in the log tells how long it was', async () => {
  const plain = await introspection({ 'accept-encoding': 'identity' });
  expect([plain.status, plain.headers.get('content-length')]).toEqual([200, null]);
  const text = await plain.text();
  expect(JSON.parse(text).data.__schema.types.length).toBeGreaterThan(4000);
  expect((await lastLine()).operation).toMatchObject({
    response_size: Buffer.byteLength(text),
    uncompressed_response_size: Buffer.byteLength(text),
  });
  expect((await lastLine()).http_info).toMatchObject({ status: 200, content_encoding: null });

  const gzipped = await introspection({ 'accept-encoding': 'gzip' });
  expect(gzipped.headers.get('content-encoding')).toBe('gzip');
  expect(await gzipped.text()).toBe(text);
  const { operation, http_info: info } = await lastLine();
  expect(info).toMatchObject({ status: 200, content_encoding: 'gzip' });
  expect(operation.uncompressed_response_size).toBe(Buffer.byteLength(text));
  expect(operation.response_size).toBeLessThan(Buffer.byteLength(text) / 5);
});

test('other fields beside it, other ways to ask, and batches get the same', async () => {
  const [alone, beside, batch] = await Promise.all(
    [{ query }, { query: query.replace('{', '{ notes { id }') }, [{ query }]].map(async (body) =>
      JSON.parse(await (await notes.post('/v1/graphql', body)).text()),
    ),
  );
  expect(beside.data.notes).toHaveLength(3);
  expect(beside.data.__schema).toEqual(alone.data.__schema);
  expect(batch).toEqual([alone]);
});

test('an error before its first piece is an ordinary error', async () => {
  const answer = await notes.post('/v1/graphql', { query: '{ __schema { no_such_field } }' });
  expect([answer.status, answer.headers.has('content-length')]).toEqual([200, true]);
  expect(await answer.json()).toMatchObject({ errors: [{ extensions: { code: 'validation-failed' } }] });
});

test('a client that goes away in the middle ends it', async () => {
  const { hostname, port } = new URL(notes.server.url);
  await new Promise<void>((resolve, reject) => {
    const asked = request(
      {
        hostname,
        port,
        path: '/v1/graphql',
        method: 'POST',
        headers: { 'x-hasura-admin-secret': adminSecret },
      },
      (response) => {
        response.once('data', () => asked.destroy());
        response.on('error', () => resolve());
        response.on('close', () => resolve());
      },
    );
    asked.on('error', reject);
    asked.end(JSON.stringify({ query }));
  });
  await expect
    .poll(async () => JSON.stringify(await lastLine()), { timeout: 10_000 })
    .toContain('client has gone away');
  expect((await notes.logs()).filter(({ type }) => type === 'unstructured')).toEqual([]);
  expect((await notes.post('/v1/graphql', { query: '{ notes { id } }' })).status).toBe(200);
});

test('the engine as a library streams it, too', async () => {
  const engine = await createEngine({ databaseUrl: notes.database.url, adminSecret });
  try {
    const headers = { 'x-hasura-admin-secret': adminSecret };
    const body = JSON.stringify({ query });
    const answer = await engine.fetch(
      new Request('http://api/v1/graphql', { method: 'POST', headers, body }),
    );
    expect(answer.headers.has('content-length')).toBe(false);
    expect(await answer.text()).toBe(await (await introspection({})).text());
  } finally {
    await engine.close();
  }
});
