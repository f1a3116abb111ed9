import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type NotesServer, startNotesServer } from './notes-engine.ts';

let notes: NotesServer;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'console-'));
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), '<html>the page</html>');
  await writeFile(join(folder, 'assets', 'main.js'), 'run()');
  notes = await startNotesServer({
    HASURA_GRAPHQL_ENABLE_CONSOLE: 'true',
    HASURA_GRAPHQL_CONSOLE_ASSETS_DIR: folder,
    HASURA_GRAPHQL_CORS_DOMAIN: 'https://a.com, https://*.b.com, http://*.c.org:3000',
  });
});
afterAll(async () => {
  await notes.stop();
  await rm(folder, { recursive: true });
});

async function get(path: string) {
  const response = await fetch(notes.server.url + path, { redirect: 'manual' });
  return [response.status, response.headers.get('content-type'), await response.text()];
}

test('the root leads to the console, whose page answers for all of its paths', async () => {
  const response = await fetch(`${notes.server.url}/`, { redirect: 'manual' });
  expect([response.status, response.headers.get('location')]).toEqual([302, 'console']);
  for (const path of ['/console', '/console/', '/console/data/default']) {
    expect(await get(path)).toEqual([200, 'text/html; charset=utf-8', '<html>the page</html>']);
  }
});

test('files, and files that are not there', async () => {
  expect(await get('/console/assets/main.js')).toEqual([200, 'text/javascript; charset=utf-8', 'run()']);
  for (const name of ['other.js', 'other', '..%2f..%2fetc%2fpasswd']) {
    const [status, type, body] = await get(`/console/assets/${name}`);
    expect([status, type, JSON.parse(body as string)]).toEqual([
      404,
      'application/json; charset=utf-8',
      { error: `Couldn't find console asset ${decodeURIComponent(name)}`, path: '$', code: 'not-found' },
    ]);
  }
});

test('the log of the start tells which origins may call', async () => {
  const line = (await notes.logs()).find(({ detail }) => detail.kind === 'server_configuration');
  expect(line?.detail.info.cors_config).toEqual({
    disabled: false,
    ws_read_cookie: null,
    allowed_origins: {
      fqdns: ['https://a.com'],
      wildcards: [
        { scheme: 'https://', host: 'b.com', port: null },
        { scheme: 'http://', host: 'c.org', port: 3000 },
      ],
    },
  });
});
