import { afterEach, beforeEach, expect, test } from 'vitest';
import { type GraphqlServer, startGraphqlServer } from '../../test/support/graphql-server.ts';
import { emptyMetadata, type Metadata } from '../metadata/index.ts';
import { createWebhookClient } from '../webhooks/index.ts';
import { type KnownServices, RemoteServiceRegistry, withAnswers } from './remote-services.ts';

const client = createWebhookClient();
let zoo: GraphqlServer;
let sdl: string;
beforeEach(async () => {
  sdl = 'type Query { one: Int }';
  zoo = await startGraphqlServer(() => sdl, {});
});
afterEach(async () => {
  await zoo.close().catch(() => {});
});

const none: KnownServices = new Map();
const never = () => false;
const always = () => true;

function registry(stored = new Map<string, { key: string; text: string }>()) {
  return new RemoteServiceRegistry({
    client,
    runtime: { environment: {}, version: 'v', metadataDefaults: null },
    stored,
  });
}

function declaring(definition: object = {}): Metadata {
  return { ...emptyMetadata, remote_schemas: [{ name: 'zoo', definition: { url: zoo.url, ...definition } }] };
}

test('a service is asked once, and again when somebody says so or its headers change', async () => {
  const services = registry();
  const first = await services.prepare(declaring(), never, none);
  const second = await services.prepare(declaring({ timeout_seconds: 5 }), never, first);
  expect(zoo.introspections).toBe(1);
  expect(second.get('zoo')).toMatchObject({ endpoint: { timeoutMs: 5_000 }, error: null });
  expect(second.get('zoo')?.typeSystem).toBe(first.get('zoo')?.typeSystem);
  const third = await services.prepare(declaring(), always, second);
  expect(zoo.introspections).toBe(2);
  // what was made for these types can stay
  expect(third.get('zoo')?.typeSystem).toBe(first.get('zoo')?.typeSystem);
  sdl = 'type Query { two: Int }';
  const fourth = await services.prepare(declaring({ headers: [{ name: 'a', value: 'b' }] }), never, third);
  expect(zoo.introspections).toBe(3);
  expect(fourth.get('zoo')?.typeSystem).not.toBe(third.get('zoo')?.typeSystem);
});

test('one that does not answer keeps its types, and is not asked again by every change', async () => {
  const services = registry();
  const metadata = declaring();
  const first = await services.prepare(metadata, never, none);
  await zoo.close();
  const second = await services.prepare(metadata, always, first);
  const failed = second.get('zoo');
  expect(failed?.typeSystem).toBe(first.get('zoo')?.typeSystem);
  expect(failed?.error).toMatchObject({ code: 'remote-schema-error' });
  const third = await services.prepare(metadata, never, second);
  expect(third.get('zoo')?.error).toBe(failed?.error);
});

test('what was stored serves a start, unless it is for another address', async () => {
  const { key = '', text = '' } = (await registry().prepare(declaring(), never, none)).get('zoo') ?? {};
  await zoo.close();
  const stored = new Map([['zoo', { key, text: text ?? '' }]]);
  const found = (await registry(stored).prepare(declaring(), never, none)).get('zoo');
  expect([found?.typeSystem?.roots.query, found?.error?.code]).toEqual(['Query', 'remote-schema-error']);
  const other = await registry(new Map([['zoo', { key: 'other', text: text ?? '' }]])).prepare(
    declaring(),
    never,
    none,
  );
  expect(other.get('zoo')?.typeSystem).toBeNull();
});

test('an answer counts unless the service was asked by somebody else meanwhile', async () => {
  const services = registry();
  const before = await services.prepare(declaring(), never, none);
  sdl = 'type Query { two: Int }';
  const asked = await services.prepare(declaring(), always, before);
  expect(withAnswers(before, { before, asked }).get('zoo')?.text).toBe(asked.get('zoo')?.text);
  sdl = 'type Query { three: Int }';
  const current = await services.prepare(declaring(), always, before);
  expect(withAnswers(current, { before, asked }).get('zoo')?.text).toBe(current.get('zoo')?.text);
});
