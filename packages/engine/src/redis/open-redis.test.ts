import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../../cli/src/local-postgres/index.ts';
import { hasRedis, startRedis, type TestRedis } from '../../test/support/redis-server.ts';
import { openRedis, type RedisClient } from './index.ts';

const echo = { lua: 'return ARGV[1]' };
const endless = { lua: 'while true do end' };

describe.skipIf(!hasRedis)('with a real Redis', () => {
  let server: TestRedis;
  let client: RedisClient;
  const log: string[] = [];
  beforeAll(async () => {
    server = await startRedis(['--requirepass', 'a secret']);
    client = await openRedis({
      url: `redis://:${encodeURIComponent('a secret')}@127.0.0.1:${server.port}/3`,
      usesTls: false,
      tlsHostname: null,
      caPath: null,
      purpose: 'test',
      log: ({ message, error }) => log.push(error === null ? message : `${message}: ${error}`),
    });
  });
  afterAll(async () => {
    client?.close();
    await server?.stop();
  });

  const answer = async () => String(await client.run(echo, [], ['hello']));
  const answers = () =>
    answer().then(
      () => true,
      () => false,
    );

  test('bytes come back as they went, in the database of the URL', async () => {
    const bytes = Buffer.from([0, 255, 13, 10, 128]);
    expect(await client.run(echo, [], [bytes])).toEqual(bytes);
    const set = { lua: "redis.call('SELECT', 3) return redis.call('SET', KEYS[1], ARGV[1])" };
    await client.run(set, ['known'], [bytes]);
    expect(await client.run({ lua: "return redis.call('GET', KEYS[1])" }, ['known'], [])).toEqual(bytes);
  });

  test('a script that Redis refuses is told, and harms nothing', async () => {
    await expect(client.run({ lua: "return redis.call('NONSENSE')" }, [], [])).rejects.toThrow();
    expect(log.at(-1)).toMatch(/^Redis of the test refuses a command: /);
    expect(await answers()).toBe(true);
  });

  test('a Redis that hangs is waited for half a second once, then not at all; it is used again when it answers', async () => {
    log.length = 0;
    server.pause();
    const began = performance.now();
    expect(await Promise.all(Array.from({ length: 50 }, answers))).not.toContain(true);
    expect(performance.now() - began).toBeLessThan(3000);
    const next = performance.now();
    for (let index = 0; index < 50; index++) expect(await answers()).toBe(false);
    expect(performance.now() - next).toBeLessThan(1000);
    server.resume();
    await expect.poll(answers, { timeout: 10_000 }).toBe(true);
    expect(log).toEqual([
      'Redis of the test cannot be used; the engine goes on without it: Command timed out',
      'Redis of the test is reachable again',
    ]);
  });

  test('a Redis that ends is found again when it is started anew, without its scripts', async () => {
    log.length = 0;
    expect(await answers()).toBe(true);
    await server.stop();
    await expect.poll(answers, { timeout: 10_000 }).toBe(false);
    await expect.poll(() => log, { timeout: 10_000 }).toHaveLength(1);
    await server.start();
    await expect.poll(answers, { timeout: 10_000 }).toBe(true);
    expect(log).toHaveLength(2);
    expect(log.join()).not.toContain('a secret');
  });

  test('a script that does not end is given up', async () => {
    await expect(client.run(endless, [], [])).rejects.toThrow('timed out');
  });
});

describe.skipIf(!hasRedis)('with TLS', () => {
  const fixture = (name: string) =>
    fileURLToPath(new URL(`../../test/fixtures/tls/${name}`, import.meta.url));
  let server: TestRedis;
  let tlsPort: number;
  beforeAll(async () => {
    tlsPort = await freePort();
    server = await startRedis([
      ...['--tls-port', String(tlsPort), '--tls-auth-clients', 'no'],
      ...['--tls-cert-file', fixture('server.pem'), '--tls-key-file', fixture('server-key.pem')],
      ...['--tls-ca-cert-file', fixture('authority.pem')],
    ]);
  });
  afterAll(() => server?.stop());

  test.each([
    ['the authority and the name that are expected', true, 'authority.pem', 'localhost'],
    ['another authority', true, 'other-authority.pem', 'localhost'],
    ['another name', true, 'authority.pem', 'other.test'],
    ['no authority', true, null, 'localhost'],
    ['no TLS', false, null, null],
  ])('%s', async (what, usesTls, ca, tlsHostname) => {
    const log: string[] = [];
    const client = await openRedis({
      url: `redis://127.0.0.1:${tlsPort}`,
      usesTls,
      tlsHostname,
      caPath: ca === null ? null : fixture(ca),
      purpose: 'test',
      log: ({ message }) => log.push(message),
    });
    const isAnswered = await client.run(echo, [], ['hello']).then(
      (reply) => String(reply) === 'hello',
      () => false,
    );
    expect(isAnswered).toBe(what.endsWith('expected'));
    client.close();
  });

  test('rediss:// asks for it, too', async () => {
    const client = await openRedis({
      url: `rediss://127.0.0.1:${tlsPort}`,
      usesTls: false,
      tlsHostname: 'localhost',
      caPath: fixture('authority.pem'),
      purpose: 'test',
      log: () => {},
    });
    expect(String(await client.run(echo, [], ['hello']))).toBe('hello');
    client.close();
  });
});

test('an address where nobody listens does not hold up the start', async () => {
  const log: string[] = [];
  const began = performance.now();
  const client = await openRedis({
    url: 'redis://127.0.0.1:1',
    usesTls: false,
    tlsHostname: null,
    caPath: null,
    purpose: 'test',
    log: ({ message }) => log.push(message),
  });
  expect(performance.now() - began).toBeLessThan(1500);
  await expect(client.run(echo, [], [])).rejects.toThrow();
  expect(log).toEqual(['Redis of the test cannot be used; the engine goes on without it']);
  client.close();
});
