/** Clients that ask for more than they take: on one connection without waiting (RFC 9112 9.3.2), in one batch, and without reading. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { adminSecret, type NotesServer, startNotesServer } from './notes-engine.ts';

let notes: NotesServer;
beforeAll(async () => {
  notes = await startNotesServer({}, { stalledMs: 1000 });
  await notes.database.sql(`
    create sequence asked;
    create view slow as select 1 as number from pg_sleep(4);
    create view large as select nextval('asked')::int as number, repeat('x', 1000000) as text from generate_series(1, 1)`);
  for (const table of ['large', 'slow'])
    await notes.post('/v1/metadata', { type: 'pg_track_table', args: { source: 'default', table } });
});
afterAll(() => notes.stop());

function ask(socket: Socket, queries: readonly string[]): void {
  const requests = queries.map((query) => {
    const body = JSON.stringify({ query });
    return `POST /v1/graphql HTTP/1.1\r\nhost: x\r\nx-hasura-admin-secret: ${adminSecret}\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
  });
  socket.write(requests.join(''));
}

async function open(): Promise<Socket> {
  const socket = connect(notes.server.port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

const asked = async () => {
  const [row] = await notes.database.sql(
    'select case when is_called then last_value::int else 0 end as number from asked',
  );
  return row?.['number'] as number;
};

/** As soon as it stays the same for a while. */
async function askedAtLast(): Promise<number> {
  for (let before = await asked(); ; ) {
    await new Promise((resolve) => setTimeout(resolve, 300));
    const now = await asked();
    if (now === before && now > 0) return now;
    before = now;
  }
}

test('who does not read what was asked for gets nothing more to read, until it reads again', async () => {
  const socket = await open();
  socket.pause();
  ask(
    socket,
    Array.from({ length: 60 }, () => '{ large { number text } }'),
  );
  // the operating systems of both sides hold some of it
  expect(await askedAtLast()).toBeLessThan(30);
  let text = '';
  socket.on('data', (data) => {
    text += String(data);
  });
  socket.resume();
  await expect.poll(() => text.split('HTTP/1.1 200').length, { timeout: 20_000 }).toBe(61);
  await expect.poll(() => text.endsWith('"}]}}')).toBe(true);
  const numbers = [...text.matchAll(/"number" ?: ?(\d+)/g)].map(([, number]) => Number(number));
  expect(numbers).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
  socket.destroy();
});

test('what is asked after the client has gone is not begun', async () => {
  const before = await asked();
  const socket = await open();
  ask(socket, ['{ notes { id } }', ...Array.from({ length: 20 }, () => '{ large { number } }')]);
  await once(socket, 'data');
  socket.destroy();
  expect((await askedAtLast()) - before).toBeLessThan(15);
});

test('what is left of a batch whose answers are very large is not begun', async () => {
  const fields = Array.from({ length: 30 }, (_, index) => `f${index}: large { text }`);
  const batch = Array.from({ length: 8 }, () => ({ query: `{ ${fields.join(' ')} }` }));
  const answers = (await (await notes.post('/v1/graphql', batch)).json()) as object[];
  expect(answers.map((answer) => Object.keys(answer))).toEqual([
    ...new Array(5).fill(['data']),
    ...new Array(3).fill(['errors']),
  ]);
  expect(answers.at(-1)).toEqual({
    errors: [
      {
        message: 'the answers before this one have more than 128 MiB',
        extensions: { path: '$', code: 'busy' },
      },
    ],
  });
});

test('who takes nothing of an answer for long is left; who waits for one is not', async () => {
  const stalled = await open();
  const waiting = await open();
  stalled.pause();
  const fields = Array.from({ length: 40 }, (_, index) => `f${index}: large { text }`);
  ask(stalled, [`{ ${fields.join(' ')} }`]);
  ask(waiting, ['{ large { text } }', '{ slow { number } }']);
  let received = '';
  waiting.on('data', (data) => {
    received += String(data);
  });
  await expect.poll(() => received.includes('"slow"'), { timeout: 10_000 }).toBe(true);
  let taken = 0;
  stalled.on('data', (data) => {
    taken += data.length;
  });
  stalled.on('error', () => {});
  const closed = once(stalled, 'close').catch(() => {});
  stalled.resume();
  await closed;
  expect(taken).toBeLessThan(40_000_000);
  waiting.destroy();
});
