import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { adminSecret, type NotesServer, startNotesServer } from './notes-engine.ts';

let notes: NotesServer;
beforeAll(async () => {
  notes = await startNotesServer();
});
afterAll(() => notes.stop());

/** What Java's HttpClient sends first on a connection without TLS. */
const wish =
  'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABk\r\n';
const head = (more: string) =>
  `POST /v1/graphql HTTP/1.1\r\nHost: x\r\nx-hasura-admin-secret: ${adminSecret}\r\nx-hasura-role: user\r\nx-hasura-user-id: 2\r\n${more}\r\n`;
const query = '{"query":"{ notes { id body } }"}';
const answer = '{"data":{"notes":[{"id":2,"body":"two"}]}}';

/** Sends the pieces one after the other, and gives the bodies of that many answers. */
async function exchange(
  pieces: readonly string[],
  answers = 1,
): Promise<readonly (readonly [number, string])[]> {
  const socket = connect(notes.server.port, '127.0.0.1');
  let received = '';
  const done = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer, but ${JSON.stringify(received)}`)), 5000);
    socket.on('error', reject);
    socket.on('data', (data) => {
      received += data.toString('latin1');
      if (read(received).length < answers) return;
      clearTimeout(timer);
      resolve();
    });
  });
  for (const piece of pieces) {
    await new Promise<void>((resolve) => socket.write(piece, () => resolve()));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await done;
  socket.destroy();
  return read(received);
}

function read(text: string): [number, string][] {
  const found: [number, string][] = [];
  const pattern = /HTTP\/1\.1 (\d+) [\s\S]*?Content-Length: (\d+)\r\n[\s\S]*?\r\n\r\n/g;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const body = text.slice(pattern.lastIndex, pattern.lastIndex + Number(match[2]));
    if (body.length === Number(match[2])) found.push([Number(match[1]), body.replaceAll(/\s+/g, '')]);
  }
  return found;
}

test.each([
  ['in one piece', [`${head(`${wish}Content-Length: ${query.length}\r\n`)}${query}`]],
  ['head and body apart', [head(`${wish}Content-Length: ${query.length}\r\n`), query]],
  [
    'the body in two pieces',
    [`${head(`${wish}Content-Length: ${query.length}\r\n`)}${query.slice(0, 5)}`, query.slice(5)],
  ],
  [
    'the body in chunks',
    [
      head(`${wish}Transfer-Encoding: chunked\r\n`),
      `${query.length.toString(16)}\r\n${query}\r\n`,
      '0\r\n\r\n',
    ],
  ],
])('a wish for HTTP/2 without TLS is overlooked: %s', async (_name, pieces) => {
  expect(await exchange(pieces)).toEqual([[200, answer]]);
});

test('the connection serves further requests, also when they do not wait for answers', async () => {
  const first = `${head(`${wish}Content-Length: ${query.length}\r\n`)}${query}`;
  const next = `${head(`Content-Length: ${query.length}\r\n`)}${query}`;
  const three = [
    [200, answer],
    [200, answer],
    [200, answer],
  ];
  expect(await exchange([first + next + next], 3)).toEqual(three);
  expect(await exchange([first, next, first], 3)).toEqual(three);
  expect(await exchange([first + next + first], 3)).toEqual(three);
  expect(await exchange([next + first + first], 3)).toEqual(three);
});

test('a client that goes away in between', async () => {
  const request = (more: string) => `${head(`${more}Content-Length: ${query.length}\r\n`)}${query}`;
  for (const pieces of [request(wish), request('') + request(wish), request(wish).slice(0, -5)]) {
    const socket = connect(notes.server.port, '127.0.0.1');
    await new Promise<void>((resolve) => socket.write(pieces, () => resolve()));
    socket.resetAndDestroy();
  }
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(await exchange([request(wish)])).toEqual([[200, answer]]);
});

test('a large body', async () => {
  const long = JSON.stringify({
    query: '{ notes { id body } }',
    variables: null,
    padding: 'x'.repeat(2_000_000),
  });
  expect(await exchange([`${head(`${wish}Content-Length: ${long.length}\r\n`)}${long}`])).toEqual([
    [200, answer],
  ]);
});

test('without a body, and without credentials', async () => {
  expect(await exchange([`GET /healthz HTTP/1.1\r\nHost: x\r\n${wish}\r\n`])).toEqual([[200, 'OK']]);
  const [refused] = await exchange([
    `POST /v1alpha1/graphql HTTP/1.1\r\nHost: x\r\n${wish}Content-Length: ${query.length}\r\n\r\n${query}`,
  ]);
  expect(refused?.[0]).toBe(401);
});

test('the whole address may be named instead of the path', async () => {
  const whole = (path: string) =>
    `${head(`Content-Length: ${query.length}\r\n`).replace('/v1/graphql', `http://api.example:8080${path}`)}${query}`;
  expect(await exchange([whole('/v1/graphql')])).toEqual([[200, answer]]);
  expect(await exchange([whole('/v1/graphql?a=b')])).toEqual([[200, answer]]);
  const [nothing] = await exchange(['GET http://api.example?x HTTP/1.1\r\nHost: x\r\n\r\n']);
  expect(nothing?.[0]).toBe(404);
});
