import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { ProjectFolder, runCommand } from './support/project-server.ts';

/** A server with one database that gives everything and stores nothing. */
const server = http.createServer((request, response) => {
  const pieces: Buffer[] = [];
  request.on('data', (piece: Buffer) => pieces.push(piece));
  request.on('end', () => {
    const body = Buffer.concat(pieces).toString();
    if (request.url === '/v1/version') response.end('{"version":"v2.48.0"}');
    else if (request.url === '/v1alpha1/pg_dump') response.end('create table t (id int);\n');
    else if (body.includes('export_metadata'))
      response.end('{"version":3,"sources":[{"name":"default","kind":"postgres","tables":[]}]}');
    else if (body.includes('get_catalog_state')) response.end('{"id":"x","cli_state":{}}');
    else response.writeHead(500).end('{"error":"read-only","path":"$","code":"unexpected"}');
  });
});
let address: string;
let project: ProjectFolder;
beforeAll(async () => {
  await new Promise<void>((go) => server.listen(0, '127.0.0.1', go));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  project = new ProjectFolder({ address, adminSecret: 'x' });
});
afterEach(() => project.remove());
afterAll(() => server.close());

test('create --from-server leaves no migration that could not be recorded', async () => {
  const { status, log } = await project.run(
    'migrate',
    'create',
    'all',
    '--from-server',
    '--database-name',
    'default',
  );
  expect([status, log.at(-1)]).toEqual([1, expect.stringContaining('read-only')]);
  expect(project.files('migrations')).toEqual({});
});

test('neither does init, which goes on without it', async () => {
  const { status, log } = await runCommand('init', join(project.path, 'new'), '--endpoint', address);
  expect(status).toBe(0);
  expect(log.join('\n')).toMatch(/error: creating a migration of database default failed: [\s\S]*read-only/);
  expect(project.files('new/migrations')).toEqual({});
});
