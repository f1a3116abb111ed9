import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/support/index.ts';
import { type Bytes, type Database, DatabaseError, openDatabase, type Parameter } from './index.ts';

let server: TestDatabase;
let database: Database;

beforeAll(async () => {
  server = await createTestDatabase();
  await server.sql('create table item (id int primary key, name text)');
  database = openDatabase({ url: server.url, maxConnections: 4 });
});

afterAll(async () => {
  await database?.close();
  await server?.drop();
});

function textOf(value: Bytes | null | undefined): string | null {
  return value ? Buffer.concat(value).toString() : null;
}

async function bytes(text: string, parameters: readonly (string | null)[] = []): Promise<(string | null)[]> {
  return (await database.queryBytes({ text, parameters })).map(textOf);
}

function rows(text: string, parameters: readonly (string | null)[] = []) {
  return database.queryRows({ text, parameters });
}

describe('statements', () => {
  test('values travel as text, null as null, whatever characters they hold', async () => {
    const odd = [
      '',
      'é',
      '\u{1f600}',
      'a'.repeat(24),
      'é'.repeat(24),
      'x'.repeat(600),
      '€'.repeat(600),
      '\'"\\$1',
    ];
    for (const value of odd) {
      expect(await bytes('select $1::text, null, $2::text', [value, null])).toEqual([value, null, null]);
    }
  });

  test('values larger than what a socket reads at once', async () => {
    for (const size of [8_180, 65_500, 65_536, 300_000, 2_000_000]) {
      const [first, second, third] = await bytes(
        `select 'head', left(repeat('0123456789', ${size}), ${size}), 'tail'`,
      );
      expect([first, second, third]).toEqual(['head', '0123456789'.repeat(size).slice(0, size), 'tail']);
    }
  });

  test('a large parameter', async () => {
    const value = 'äb'.repeat(500_000);
    expect(await bytes('select length($1::text)::text, right($1::text, 2)', [value])).toEqual([
      '1000000',
      'äb',
    ]);
  });

  test('many at once are answered each with its own', async () => {
    const numbers = Array.from({ length: 2_000 }, (_, index) => String(index));
    const answers = await Promise.all(numbers.map((number) => bytes('select $1::text', [number])));
    expect(answers.flat()).toEqual(numbers);
    expect(database.stats().connections).toBeLessThanOrEqual(4);
  });

  test('rows by column name', async () => {
    expect(await rows('select g as "a b", null as n from generate_series(1, 2) g')).toEqual([
      { 'a b': '1', n: null },
      { 'a b': '2', n: null },
    ]);
    expect(await rows('select 1 as a where false')).toEqual([]);
    expect(await rows(`insert into item values (1, 'one')`)).toEqual([]);
  });

  test('values in pieces are sent as they are, in their place among others', async () => {
    const text = 'né'.repeat(20_000);
    const utf8 = Buffer.from(text);
    // 7 splits characters; an empty piece and an empty value are nothing odd
    const pieces = Array.from({ length: Math.ceil(utf8.length / 7) }, (_, index) =>
      utf8.subarray(index * 7, index * 7 + 7),
    );
    const ask = (parameters: readonly Parameter[]) =>
      database.queryRows({
        text: 'select $1::text as a, $2::text as b, $3::text as c, $4::text as d',
        parameters,
      });
    const [first, second, third, number] = await Promise.all([
      ask(['x', pieces, null, [Buffer.alloc(0)]]),
      ask([[Buffer.from('p')], 'y'.repeat(40_000), [], pieces]),
      ask(['only', 'texts', null, 'é']),
      bytes('select 7::text'),
    ]);
    expect(first).toEqual([{ a: 'x', b: text, c: null, d: '' }]);
    expect(second).toEqual([{ a: 'p', b: 'y'.repeat(40_000), c: '', d: text }]);
    expect(third).toEqual([{ a: 'only', b: 'texts', c: null, d: 'é' }]);
    expect(number).toEqual(['7']);
  });

  test('tells when a statement is sent, which is before it is answered, and once', async () => {
    const seen: string[] = [];
    // more than what sockets hold: the end leaves only when the server has taken the beginning
    const pieces = Array.from({ length: 2_000 }, () => Buffer.alloc(10_000, 'x'));
    const ask = async (parameter: Parameter, index: number): Promise<string | null | undefined> => {
      const [row] = await database.queryRows(
        { text: 'select length($1::text)::text as n, pg_sleep(0.3)', parameters: [parameter] },
        { onSent: () => seen.push(`sent ${index}`) },
      );
      seen.push(`answered ${index}`);
      return row?.['n'];
    };
    expect(await Promise.all([ask(pieces, 0), ask('short', 1)])).toEqual(['20000000', '5']);
    for (const index of [0, 1]) {
      expect(seen.filter((entry) => entry.endsWith(` ${index}`))).toEqual([
        `sent ${index}`,
        `answered ${index}`,
      ]);
    }
  });

  test('bytes need a row', async () => {
    await expect(bytes('select 1 where false')).rejects.toThrow('the statement returned no row');
  });

  test('without prepared statements', async () => {
    const query = { text: 'select $1::text as a', parameters: ['x'] };
    expect(await database.queryRows(query, { prepare: false })).toEqual([{ a: 'x' }]);
    expect((await database.queryBytes(query, { prepare: false })).map(textOf)).toEqual(['x']);
    const unprepared = openDatabase({ url: server.url, maxConnections: 1, usePreparedStatements: false });
    await unprepared.queryRows(query);
    const text = 'select count(*)::text as count from pg_prepared_statements';
    expect(await unprepared.queryRows({ text, parameters: [] })).toEqual([{ count: '0' }]);
    await unprepared.close();
  });
});

describe('errors', () => {
  test('carry what PostgreSQL says', async () => {
    await rows(`insert into item values (7, 'seven')`);
    const error: unknown = await rows(`insert into item values (7, 'again')`).catch(
      (caught: unknown) => caught,
    );
    expect(error).toBeInstanceOf(DatabaseError);
    expect(error).toMatchObject({
      sqlState: '23505',
      message: 'duplicate key value violates unique constraint "item_pkey"',
      detail: 'Key (id)=(7) already exists.',
      constraint: 'item_pkey',
    });
  });

  test('of one statement do not touch those sent with it', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 40 }, (_, index) =>
        bytes('select (10 / $1::int)::text', [index % 4 === 0 ? '0' : '5']),
      ),
    );
    expect(results.map((result) => result.status === 'fulfilled' && result.value[0])).toEqual(
      results.map((_, index) => (index % 4 === 0 ? false : '2')),
    );
  });

  test('a statement that could not be prepared is tried anew', async () => {
    const text = 'select a::text from later';
    await expect(bytes(text)).rejects.toMatchObject({ sqlState: '42P01' });
    await server.sql('create table later as select 5 as a');
    expect(await bytes(text)).toEqual(['5']);
  });

  test('a statement that could not be prepared in a transaction is prepared in the next one', async () => {
    const single = openDatabase({ url: server.url, maxConnections: 1 });
    const query = { text: 'select a::text from later_still', parameters: [] };
    const run = () => single.transaction({}, (connection) => connection.queryRows(query));
    await expect(run()).rejects.toMatchObject({ sqlState: '42P01' });
    await server.sql('create table later_still as select 5 as a');
    expect(await run()).toEqual([{ a: '5' }]);
    await single.close();
  });

  test('a result beyond all bounds is refused, not gathered', async () => {
    const text = `select repeat('x', 1000000) from generate_series(1, 10000)`; // 10 GB
    const refused = { sqlState: '54000', message: 'the result is larger than 128 MiB' };
    await expect(database.script(text)).rejects.toMatchObject(refused);
    await expect(rows(text)).rejects.toMatchObject(refused);
    expect(await bytes('select 1::text')).toEqual(['1']);
  });

  test('NUL is refused as PostgreSQL refuses it, and the connection lives on', async () => {
    const refused = { sqlState: '22021', message: 'invalid byte sequence for encoding "UTF8": 0x00' };
    await expect(bytes(`select 'a\0'`)).rejects.toMatchObject(refused);
    await expect(bytes('select $1::text', ['a\0b'])).rejects.toMatchObject(refused);
    await expect(database.script('select 1; \0drop table item')).rejects.toMatchObject(refused);
    expect(await bytes('select 1::text')).toEqual(['1']);
  });

  test('too many parameters are refused before they are sent', async () => {
    await expect(bytes('select 1', new Array(70_000).fill('1'))).rejects.toThrow('70000 parameters');
  });
});

describe('prepared statements', () => {
  test('survive a change of their result type', async () => {
    const single = openDatabase({ url: server.url, maxConnections: 1 });
    await single.script('create table shape (a int); insert into shape values (1)');
    const query = { text: 'select * from shape', parameters: [] };
    expect(await single.queryRows(query)).toEqual([{ a: '1' }]);
    await server.sql(`alter table shape add b text default 'new'`);
    expect(await Promise.all([single.queryRows(query), single.queryRows(query)])).toEqual([
      [{ a: '1', b: 'new' }],
      [{ a: '1', b: 'new' }],
    ]);
    await server.sql('alter table shape drop a');
    expect((await single.queryBytes(query)).map(textOf)).toEqual(['new']);
    await single.close();
  });

  test('survive DEALLOCATE', async () => {
    const single = openDatabase({ url: server.url, maxConnections: 1 });
    const query = { text: 'select $1::text as a', parameters: ['x'] };
    await single.queryRows(query);
    await single.queryRows({ text: 'deallocate all', parameters: [] }, { prepare: false });
    expect(await single.queryRows(query)).toEqual([{ a: 'x' }]);
    await single.close();
  });

  test('are bounded on a connection', async () => {
    const single = openDatabase({ url: server.url, maxConnections: 1 });
    for (let index = 0; index < 300; index++)
      await single.queryRows({ text: `select ${index}`, parameters: [] });
    const text = 'select count(*)::text as count from pg_prepared_statements';
    expect(await single.queryRows({ text, parameters: [] }, { prepare: false })).toEqual([{ count: '256' }]);
    expect(await single.queryRows({ text: 'select 0', parameters: [] })).toEqual([{ '?column?': '0' }]);
    await single.close();
  });

  test('are bounded on a connection by the length of their texts, too', async () => {
    const single = openDatabase({ url: server.url, maxConnections: 1 });
    const long = (index: number, characters: number) => ({
      text: `select ${index} as number, '${'x'.repeat(characters)}' as long`,
      parameters: [],
    });
    const kept = async () => {
      const text =
        'select name, length(statement)::text as length from pg_prepared_statements order by prepare_time';
      return single.queryRows({ text, parameters: [] }, { prepare: false });
    };
    for (let index = 0; index < 30; index++) await single.queryRows(long(index, 100_000));
    expect(await kept()).toMatchObject([26, 27, 28, 29].map((index) => ({ name: `p${index + 1}` })));
    // what was dropped is prepared anew, and what is too long to be kept is answered all the same
    for (const characters of [100_000, 300_000]) {
      expect(await single.queryRows(long(3, characters))).toMatchObject([{ number: '3' }]);
      const answers = await single.batch([long(4, 10), long(5, characters), long(6, 20)]);
      expect(answers.map((columns) => textOf(columns?.[0] ?? null))).toEqual(['4', '5', '6']);
    }
    const lengths = (await kept()).map(({ length }) => Number(length));
    expect(lengths.reduce((sum, length) => sum + length, 0)).toBeLessThan(500_000);
    await single.close();
  });
});

describe('script', () => {
  test('gives the last result', async () => {
    expect(
      await database.script(`select 1 as a; select 2 as b, null as "c d" union all select 3, 'x' order by 1`),
    ).toEqual({
      columns: ['b', 'c d'],
      rows: [
        ['2', null],
        ['3', 'x'],
      ],
      commandTag: 'SELECT 2',
    });
    expect(await database.script('select 1; create table made (a int)')).toEqual({
      columns: null,
      rows: [],
      commandTag: 'CREATE TABLE',
    });
    expect(await database.script('')).toEqual({ columns: null, rows: [], commandTag: '' });
  });

  test('is one transaction unless it says otherwise', async () => {
    await expect(database.script('create table half (a int); select 1 / 0')).rejects.toMatchObject({
      sqlState: '22012',
    });
    expect(await rows(`select to_regclass('half') as half`)).toEqual([{ half: null }]);
  });

  test('COPY from the client is refused', async () => {
    await expect(database.script('copy item from stdin')).rejects.toMatchObject({ sqlState: '57014' });
    expect(await bytes('select 1::text')).toEqual(['1']);
  });

  test('COPY to the client has no rows', async () => {
    await database.script(`insert into item values (99, 'copied') on conflict do nothing`);
    expect(await database.script('copy item to stdout')).toMatchObject({ columns: null, rows: [] });
  });

  test('leaves nothing behind on the connection', async () => {
    const single = openDatabase({ url: server.url, maxConnections: 1 });
    await single.script(
      `set statement_timeout to 12345; create temp table left_over (a int); select pg_advisory_lock(1); set role pg_monitor`,
    );
    const text = `select current_setting('statement_timeout') as timeout, to_regclass('left_over') as temporary, current_user = session_user as own,
      (select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid())::text as locks`;
    expect(await single.queryRows({ text, parameters: [] })).toEqual([
      { timeout: '0', temporary: null, own: 't', locks: '0' },
    ]);
    await expect(single.script('begin; select 1')).resolves.toMatchObject({ commandTag: 'SELECT 1' });
    expect(await single.queryRows({ text: 'select 1 as a', parameters: [] })).toEqual([{ a: '1' }]);
    await single.close();
  });
});

describe('transactions', () => {
  test('commit when the body resolves', async () => {
    const result = await database.transaction({}, async (connection) => {
      await connection.queryRows({ text: `insert into item values (20, 'twenty')`, parameters: [] });
      expect(await rows('select 1 as a from item where id = 20')).toEqual([]);
      return 'done';
    });
    expect(result).toBe('done');
    expect(await rows('select name from item where id = 20')).toEqual([{ name: 'twenty' }]);
  });

  test('roll back when it rejects, with its error', async () => {
    const failure = new Error('no');
    const run = database.transaction({}, async (connection) => {
      await connection.queryRows({ text: `insert into item values (21, 'x')`, parameters: [] });
      throw failure;
    });
    await expect(run).rejects.toBe(failure);
    expect(await rows('select 1 as a from item where id = 21')).toEqual([]);
  });

  test('a swallowed error does not become a silent rollback', async () => {
    const run = database.transaction({}, async (connection) => {
      await connection.queryRows({ text: `insert into item values (22, 'x')`, parameters: [] });
      await connection.queryRows({ text: 'select 1 / 0', parameters: [] }).catch(() => {});
    });
    await expect(run).rejects.toMatchObject({ sqlState: '25P02' });
    expect(await rows('select 1 as a from item where id = 22')).toEqual([]);
  });

  test.each([
    ['read-committed', 'read committed'],
    ['repeatable-read', 'repeatable read'],
    ['serializable', 'serializable'],
  ] as const)('isolation %s', async (isolation, shown) => {
    const text = `select current_setting('transaction_isolation') as level, current_setting('transaction_read_only') as read_only`;
    const read = (readOnly: boolean) =>
      database.transaction({ isolation, readOnly }, (connection) =>
        connection.queryRows({ text, parameters: [] }),
      );
    expect(await read(false)).toEqual([{ level: shown, read_only: 'off' }]);
    expect(await read(true)).toEqual([{ level: shown, read_only: 'on' }]);
  });

  test('the isolation of the source is the default', async () => {
    const serializable = openDatabase({ url: server.url, isolation: 'serializable' });
    const text = `select current_setting('transaction_isolation') as level`;
    expect(
      await serializable.transaction({}, (connection) => connection.queryRows({ text, parameters: [] })),
    ).toEqual([{ level: 'serializable' }]);
    await serializable.close();
  });

  test('the connection is of no use afterwards', async () => {
    const kept = await database.transaction({}, async (connection) => connection);
    await expect(kept.queryRows({ text: 'select 1', parameters: [] })).rejects.toThrow(
      'after its transaction had ended',
    );
  });

  test('do not hold up statements outside of them', async () => {
    await database.transaction({}, async (connection) => {
      const sleeping = connection.queryRows({ text: 'select pg_sleep(0.4)', parameters: [] });
      const begin = performance.now();
      await Promise.all(Array.from({ length: 20 }, () => bytes('select 1::text')));
      expect(performance.now() - begin).toBeLessThan(300);
      await sleeping;
    });
  });
});

describe('cancel', () => {
  const running = `select count(*)::text as count from pg_stat_activity where query like '%unlikely text%' and state = 'active' and pid <> pg_backend_pid()`;

  async function untilNothingRuns(): Promise<void> {
    for (let attempt = 0; attempt < 100; attempt++) {
      if ((await rows(running))[0]?.['count'] === '0') return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error('the statement still runs');
  }

  test('an aborted statement ends in PostgreSQL too', async () => {
    const controller = new AbortController();
    const reason = new Error('gone');
    const query = database.queryBytes(
      { text: `select pg_sleep(20)::text, 'unlikely text'`, parameters: [] },
      { signal: controller.signal },
    );
    setTimeout(() => controller.abort(reason), 100);
    await expect(query).rejects.toBe(reason);
    await untilNothingRuns();
  });

  test('an aborted statement in a transaction rolls it back', async () => {
    const controller = new AbortController();
    const run = database.transaction({}, async (connection) => {
      await connection.queryRows({ text: `insert into item values (30, 'x')`, parameters: [] });
      await connection.queryRows(
        { text: `select pg_sleep(20), 'unlikely text'`, parameters: [] },
        { signal: controller.signal },
      );
    });
    setTimeout(() => controller.abort(new Error('gone')), 100);
    await expect(run).rejects.toThrow('gone');
    await untilNothingRuns();
    expect(await rows('select 1 as a from item where id = 30')).toEqual([]);
  });

  test('a script', async () => {
    const controller = new AbortController();
    const run = database.script(`select pg_sleep(20), 'unlikely text'`, { signal: controller.signal });
    setTimeout(() => controller.abort(new Error('gone')), 100);
    await expect(run).rejects.toThrow('gone');
    await untilNothingRuns();
  });

  test('an aborted signal sends nothing', async () => {
    const signal = AbortSignal.abort(new Error('before'));
    await expect(database.queryRows({ text: 'select 1', parameters: [] }, { signal })).rejects.toThrow(
      'before',
    );
    await expect(database.script('select 1', { signal })).rejects.toThrow('before');
  });

  test('those behind it on the same connection are not hit', async () => {
    const single = openDatabase({ url: server.url, maxConnections: 1 });
    const sleep = (seconds: string, signal?: AbortSignal) =>
      single.queryBytes(
        { text: `select 'slept' from pg_sleep($1::float8)`, parameters: [seconds] },
        signal === undefined ? {} : { signal },
      );
    let shared = 0;
    // The cancel request shall arrive just when the statement that it is meant for has ended.
    for (let abortMs = 15; abortMs < 25; abortMs += 0.5) {
      for (let round = 0; round < 40; round++) await sleep('0'); // known as short: others are sent behind it
      const controller = new AbortController();
      const aborted = sleep('0.02', controller.signal).catch(() => null);
      const others = Promise.all(Array.from({ length: 8 }, () => sleep('0.003')));
      if (single.stats().waiting === 0) shared += 1;
      setTimeout(() => controller.abort(), abortMs);
      await aborted;
      for (const other of await others) expect(textOf(other[0])).toBe('slept');
    }
    expect(shared).toBeGreaterThan(0); // on a very busy machine not all rounds
    await single.close();
  });
});

describe('listen', () => {
  async function until(condition: () => boolean): Promise<void> {
    for (let attempt = 0; attempt < 200 && !condition(); attempt++)
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(condition()).toBe(true);
  }

  test('hears its channel until it is ended', async () => {
    const heard: string[] = [];
    const other: string[] = [];
    const stop = await database.listen('News "of" today', (payload) => heard.push(payload));
    const stopOther = await database.listen('other', (payload) => other.push(payload));
    await server.sql(`select pg_notify('News "of" today', 'one'), pg_notify('other', 'two')`);
    await until(() => heard.length > 0 && other.length > 0);
    await stop();
    await server.sql(`select pg_notify('News "of" today', 'three'), pg_notify('other', 'four')`);
    await until(() => other.length === 2);
    expect([heard, other]).toEqual([['one'], ['two', 'four']]);
    await stopOther();
  });

  test('goes on after its connection was lost, and says that it was', async () => {
    const heard: string[] = [];
    let gaps = 0;
    const stop = await database.listen(
      'renewed',
      (payload) => heard.push(payload),
      () => gaps++,
    );
    expect(gaps).toBe(0);
    await server.sql(
      `select pg_terminate_backend(pid) from pg_stat_activity where query = 'listen "renewed"'`,
    );
    for (let attempt = 0; attempt < 100 && heard.length === 0; attempt++) {
      await server.sql(`select pg_notify('renewed', 'again')`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(heard[0]).toBe('again');
    expect(gaps).toBe(1);
    await stop();
  });
});
