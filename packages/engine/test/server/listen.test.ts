import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/index.ts';
import { startNotesServer } from './notes-engine.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
);

async function reaches(host: string, port: number): Promise<boolean> {
  try {
    return (await (await fetch(`http://${host}:${port}/healthz`)).text()) === 'OK';
  } catch {
    return false;
  }
}

const hosts: [string, boolean, boolean][] = [
  ['*', true, true],
  ['*4', true, true],
  ['*6', true, true],
  ['!4', true, false],
  ['127.0.0.1', true, false],
];
if (hasIpv6) hosts.push(['!6', false, true], ['::1', false, true]);

test.each(hosts)('listening on %s', async (host, ipv4, ipv6) => {
  const { server } = await startNotesServer({ HASURA_GRAPHQL_SERVER_HOST: host }, { database });
  try {
    expect(await (await fetch(`${server.url}/healthz`)).text()).toBe('OK');
    expect(await reaches('127.0.0.1', server.port)).toBe(ipv4);
    if (hasIpv6) expect(await reaches('[::1]', server.port)).toBe(ipv6);
  } finally {
    await server.close();
  }
});
