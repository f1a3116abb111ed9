import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type NotesServer, startNotesServer } from './notes-engine.ts';

let notes: NotesServer;

/** Two relations that show the statement by which they are read or written. */
beforeAll(async () => {
  notes = await startNotesServer();
  await notes.database.sql(`
    create view reads as
      select current_query() as text, exists (select from pg_prepared_statements where statement = current_query()) as is_prepared;
    create table writes (id serial primary key, text text default current_query());
  `);
  await run({
    type: 'bulk',
    args: ['reads', 'writes'].map((table) => ({
      type: 'pg_track_table',
      args: { source: 'default', table },
    })),
  });
});
afterAll(() => notes.stop());

async function run(command: unknown): Promise<void> {
  const response = await notes.post('/v1/metadata', command);
  expect(response.status, await response.clone().text()).toBe(200);
}

const setTags = (tags: Record<string, unknown>) =>
  run({ type: 'set_query_tags', args: { source_name: 'default', ...tags } });

interface Row {
  readonly text: string;
  readonly is_prepared: boolean;
}

async function ask(
  query: string,
  headers: Record<string, string> = {},
): Promise<{ readonly reads?: readonly Row[]; readonly insert_writes_one?: Row }> {
  const body = JSON.parse(await (await notes.post('/v1/graphql', { query }, headers)).text());
  expect(body.errors).toBeUndefined();
  return body.data;
}

/** The comments of the statement that read the view. */
async function commentsOf(query: string, headers?: Record<string, string>): Promise<readonly string[]> {
  const [{ text }] = Object.values(await ask(query, headers))[0] as readonly [Row];
  return text.match(/\/\*.*?\*\//gs) ?? [];
}

const hash = expect.stringMatching(/parameterized_query_hash='?[0-9a-f]{40}'?/);

describe('comments of statements', () => {
  test('there are none unless the source wants some', async () => {
    expect(await commentsOf('query Q { reads { text } }')).toEqual([]);
    await setTags({ disabled: true });
    expect(await commentsOf('query Q { reads { text } }')).toEqual([]);
  });

  test('standard: after the statement, without the request id', async () => {
    await setTags({});
    const [comment, ...others] = await commentsOf('query Q { mine: reads { text } }');
    expect(others).toEqual([]);
    expect(comment).toMatch(
      /^\/\* field_name=mine, operation_name=Q, parameterized_query_hash=[0-9a-f]{40} \*\/$/,
    );
    const { reads } = await ask('{ reads { text } }');
    expect(reads?.[0]?.text).toMatch(
      /^select .* \/\* field_name=reads, parameterized_query_hash=[0-9a-f]{40} \*\/$/s,
    );
  });

  test('all root fields that a statement answers', async () => {
    const [comment] = await commentsOf('{ a: reads { text } b: reads { text } __typename }');
    expect(comment).toContain('/* field_name=a,b, ');
  });

  test('standard_prepended: before the statement', async () => {
    await setTags({ format: 'standard_prepended', omit_request_id: false });
    const { reads } = await ask('query Q { reads { text } }', { 'x-request-id': 'r-1' });
    expect(reads?.[0]?.text).toMatch(
      /^\/\* request_id=r-1, field_name=reads, operation_name=Q, .* \*\/ select /,
    );
  });

  test('sqlcommenter: sorted and quoted', async () => {
    await setTags({ format: 'sqlcommenter', omit_request_id: false });
    const [comment] = await commentsOf('query Q { reads { text } b: reads { text } }', {
      'x-request-id': 'r 1',
    });
    expect(comment).toMatch(
      /^\/\* field_name='reads%2Cb',operation_name='Q',parameterized_query_hash='[0-9a-f]{40}',request_id='r%201' \*\/$/,
    );
  });

  test.each(['standard', 'standard_prepended', 'sqlcommenter'])(
    'no request id ends the comment: %s',
    async (format) => {
      await setTags({ format, omit_request_id: false });
      for (const id of [
        "*/ select 'leak' as text; --",
        '/* /* ',
        "', x='1",
        '\\',
        'a, field_name=b',
        '*\u00ff/',
        '%2a%2f',
      ]) {
        const comments = await commentsOf('{ reads { text } }', { 'x-request-id': id });
        expect(comments).toEqual([hash]);
        expect(comments[0]?.slice(2, -2), id).not.toMatch(/\*\/|\/\*|\\/);
        expect(comments[0]?.split('field_name=')).toHaveLength(2);
      }
    },
  );

  test('writes have them, too', async () => {
    await setTags({ omit_request_id: false });
    const { insert_writes_one: row } = await ask('mutation M { insert_writes_one(object: {}) { text } }', {
      'x-request-id': 'w1',
    });
    expect(row?.text).toMatch(
      / \/\* request_id=w1, field_name=insert_writes_one, operation_name=M, .* \*\/$/,
    );
  });

  test('a statement without the request id remains prepared; one with it is not', async () => {
    const isPrepared = async (): Promise<boolean | undefined> =>
      (await ask('{ reads { text is_prepared } }')).reads?.[0]?.is_prepared;
    await setTags({ omit_request_id: true });
    expect([await isPrepared(), await isPrepared()]).toEqual([true, true]);
    await setTags({ omit_request_id: false });
    expect(await isPrepared()).toBe(false);
  });

  test('a change counts for operations that were asked before', async () => {
    await setTags({ omit_request_id: true });
    expect(await commentsOf('query Again { reads { text } }')).toHaveLength(1);
    await setTags({ format: 'sqlcommenter' });
    expect(await commentsOf('query Again { reads { text } }')).toEqual([expect.stringContaining("='Again'")]);
    await setTags({ disabled: true });
    expect(await commentsOf('query Again { reads { text } }')).toEqual([]);
  });
});
