import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/support/index.ts';
import { type BatchResult, type Database, DatabaseError, openDatabase, type Query } from './index.ts';

let server: TestDatabase;
let database: Database;

beforeAll(async () => {
  server = await createTestDatabase();
  database = openDatabase({ url: server.url, maxConnections: 3 });
});
beforeEach(async () => {
  await server.sql(`drop table if exists item, parent;
    create table parent (id int primary key);
    create table item (id int primary key, parent int references parent deferrable initially deferred)`);
});
afterAll(async () => {
  await database?.close();
  await server?.drop();
});

const query = (text: string, ...parameters: (string | null)[]): Query => ({ text, parameters });
const insert = (id: string) => query('insert into item (id) values (($1)::int)', id);
const texts = (result: BatchResult) =>
  result.map((values) => values?.map((value) => value && Buffer.concat(value).toString()) ?? null);
const ids = async () => (await server.sql('select id from item order by id')).map(({ id }) => id);

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => null,
    (error: unknown) => error,
  );
}

describe('a batch', () => {
  test('gives the first row of each statement, null where there is none', async () => {
    const big = 'x'.repeat(300_000);
    const result = await database.batch([
      query('select ($1)::text, null', 'a'),
      insert('1'),
      query('select ($1)::text', big),
      query('select id from item where id = 7'),
      query('select generate_series(5, 9)'),
    ]);
    expect(texts(result)).toEqual([['a', null], null, [big], null, ['5']]);
  });

  test('is one transaction: settings last until its end, later statements see earlier ones', async () => {
    const result = await database.batch([
      query(`select set_config('my.value', 'set', true)`),
      insert('1'),
      query(`select current_setting('my.value', true), (select count(*) from item)`),
    ]);
    expect(texts(result)[2]).toEqual(['set', '1']);
    const after = await database.queryRows(query(`select current_setting('my.value', true) as value`));
    expect(after[0]?.['value'] ?? '').toBe('');
  });

  test('leaves nothing when a statement fails, and says which', async () => {
    const error = await failure(database.batch([insert('1'), insert('1'), insert('2')]));
    expect(error).toBeInstanceOf(DatabaseError);
    expect(error).toMatchObject({ sqlState: '23505', batchIndex: 1 });
    expect(await ids()).toEqual([]);
    // statements that were skipped were not prepared: they are again
    await database.batch([insert('2'), query('select 1')]);
    expect(await ids()).toEqual([2]);
  });

  test('leaves nothing when the commit fails', async () => {
    const error = await failure(
      database.batch([insert('1'), query('update item set parent = 5'), query('select 1')]),
    );
    expect(error).toMatchObject({ sqlState: '23503', batchIndex: 3 });
    expect(await ids()).toEqual([]);
  });

  test('does not touch its neighbours on the connection', async () => {
    const one = openDatabase({ url: server.url, maxConnections: 1 });
    try {
      for (let round = 0; round < 3; round++) {
        await server.sql('delete from item');
        const outcomes = await Promise.allSettled([
          one.batch([insert('1'), query('select 1')]),
          one.batch([insert('2'), query('select 1/0'), query('select 3')]),
          one.batch([insert('3'), query('select 3')]),
          one.queryBytes(query('select 4')),
        ]);
        expect(outcomes.map(({ status }) => status)).toEqual([
          'fulfilled',
          'rejected',
          'fulfilled',
          'fulfilled',
        ]);
        expect(await ids()).toEqual([1, 3]);
      }
    } finally {
      await one.close();
    }
  });

  test('is repeated when a prepared statement is out of date', async () => {
    const read = query('select * from item');
    await database.batch([insert('1'), read]);
    await Promise.all([database.batch([read]), database.batch([read]), database.batch([read])]);
    await server.sql(`alter table item add note text default 'n'`);
    const result = await database.batch([insert('2'), query('select * from item order by id'), read]);
    expect(texts(result)[1]).toEqual(['1', null, 'n']);
    expect(await ids()).toEqual([1, 2]);
  });

  test('works inside of a transaction, without names, under another isolation level', async () => {
    await database.transaction({}, async (connection) => {
      await connection.batch([insert('1'), insert('2')]);
      expect(texts(await connection.batch([query('select count(*) from item')]))).toEqual([['2']]);
    });
    await database.batch([insert('3'), query('select 1')], { prepare: false });
    const strict = openDatabase({ url: server.url, isolation: 'serializable' });
    const level = query(`select current_setting('transaction_isolation')`);
    expect(texts(await strict.batch([level, insert('4')]))).toEqual([['serializable'], null]);
    expect(await failure(strict.batch([insert('5'), insert('5')]))).toMatchObject({ sqlState: '23505' });
    await strict.close();
    expect(await ids()).toEqual([1, 2, 3, 4]);
  });

  test('of nothing is nothing', async () => {
    expect(await database.batch([])).toEqual([]);
  });
});
