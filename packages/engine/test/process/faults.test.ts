/** What a database can do to an engine that changes metadata and writes rows: nothing wrong is answered, nothing is half applied. */
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chownSync, mkdirSync, rmSync, statSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type MortalPostgres, mortalPostgres } from './mortal-postgres.ts';
import { type Answer, type PosternProcess, startPostern, until } from './postern-process.ts';
import { watchValue } from './watch-value.ts';

/** From the moment in which PostgreSQL takes connections again. */
const backWithinMs = 2_000;
/** Between two looks of a subscription. */
const pollMs = 1_000;

let server: MortalPostgres;
let postern: PosternProcess;
let administration: postgres.Sql;

beforeAll(async () => {
  server = await mortalPostgres();
});
beforeEach(async () => {
  administration = postgres(server.url, { max: 1, onnotice: () => {}, prepare: false });
  postern = await startPostern({ HASURA_GRAPHQL_DATABASE_URL: server.url });
});
afterEach(async () => {
  postern?.kill();
  await administration.unsafe(
    'drop schema if exists hdb_catalog cascade; drop schema public cascade; create schema public',
  );
  await administration.end({ timeout: 1 });
});
afterAll(() => server?.remove());

async function runSql(sql: string): Promise<Answer> {
  return postern.command('run_sql', { sql }, '/v2/query');
}

async function ok(answer: Promise<Answer>): Promise<void> {
  expect(await answer).toMatchObject({ status: 200 });
}

test('every connection is severed again and again: writes are whole or refused, and the next ones succeed', async () => {
  await ok(runSql('create table halves (pair uuid, half int, primary key (pair, half))'));
  await ok(postern.command('pg_track_table', { table: 'halves' }));
  const outcomes = new Map<string, 'right' | 'refused' | 'odd'>();
  let isOver = false;
  const writers = Array.from({ length: 4 }, async () => {
    while (!isOver) {
      const pair = randomUUID();
      const insert = (half: number) =>
        `h${half}: insert_halves_one(object: {pair: "${pair}", half: ${half}}) { half }`;
      const answer = await postern.query(`mutation { ${insert(1)} ${insert(2)} }`);
      outcomes.set(pair, judge(answer, '{"data":{"h1":{"half":1},"h2":{"half":2}}}'));
    }
  });
  const count = (kind: 'right' | 'refused' | 'odd') =>
    [...outcomes.values()].filter((each) => each === kind).length;
  for (let round = 1; round <= 6; round++) {
    const before = count('right');
    await until('writes succeed', () => count('right') >= before + 20, backWithinMs);
    await administration`select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'postern%'`;
  }
  const before = count('right');
  await until('writes succeed at the end', () => count('right') >= before + 50, backWithinMs);
  isOver = true;
  await Promise.all(writers);
  expect(count('odd')).toBe(0);
  const stored = new Map(
    (await administration`select pair, count(*)::int as halves from halves group by pair`).map(
      ({ pair, halves }) => [String(pair), Number(halves)],
    ),
  );
  for (const [pair, outcome] of outcomes) {
    const halves = stored.get(pair) ?? 0;
    // a lost connection leaves it open whether the commit arrived
    expect([outcome, outcome === 'right' ? halves === 2 : halves === 0 || halves === 2]).toEqual([
      outcome,
      true,
    ]);
  }
  // changes of other engines are noticed again, over a new connection
  expect(await postern.request('/healthz')).toMatchObject({ status: 200, text: 'OK' });
});

test('PostgreSQL is killed while tables are renamed: table and metadata go together, and what was confirmed is kept', async () => {
  await ok(runSql('create table t_0 (id int primary key); insert into t_0 values (7)'));
  await ok(postern.command('pg_track_table', { table: 't_0' }));
  let confirmed = 0;
  for (let round = 1; round <= 4; round++) {
    let killed: Promise<void> | null = null;
    let answer: Answer;
    for (let renamed = 0; ; renamed++) {
      // at any moment of the next few renames
      if (renamed === 2)
        killed = new Promise((go) => setTimeout(go, 80 * Math.random())).then(() => server.kill());
      answer = await runSql(`alter table t_${confirmed} rename to t_${confirmed + 1}`);
      if (answer.status !== 200) break;
      confirmed++;
    }
    expect(answer.body).toMatchObject({ path: expect.any(String), code: expect.any(String) });
    await killed;
    await server.start();
    await until(
      'the engine is healthy again',
      async () => (await postern.request('/healthz'))?.text === 'OK',
      backWithinMs,
    );
    const [table, ...others] = await administration`select relname from pg_class where relname ~ '^t_\\d+$'`;
    const name = String(table?.['relname']);
    expect(others).toEqual([]);
    expect([`t_${confirmed}`, `t_${confirmed + 1}`]).toContain(name);
    await until(
      'the metadata in force is the stored one, about the table as it is called',
      async () => {
        const [row] =
          await administration`select metadata::text as text, resource_version as version from hdb_catalog.hdb_metadata`;
        const exported = await postern.request('/v1/metadata', {
          type: 'export_metadata',
          version: 2,
          args: {},
        });
        const inForce = exported?.body;
        const tables = (metadata: { sources: { tables: { table: { name: string } }[] }[] }) =>
          metadata.sources.flatMap((source) => source.tables.map((each) => each.table.name));
        expect(tables(JSON.parse(String(row?.['text'])))).toEqual([name]);
        return inForce?.resource_version === row?.['version'] && tables(inForce.metadata).join() === name;
      },
      backWithinMs,
    );
    expect(await postern.query(`{ ${name} { id } }`)).toEqual({ data: { [name]: [{ id: 7 }] } });
    expect((await postern.command('get_inconsistent_metadata', {})).body).toMatchObject({
      is_consistent: true,
    });
    confirmed = Number(name.slice(2));
  }
  expect(confirmed).toBeGreaterThanOrEqual(8);
});

test('a subscription outlives PostgreSQL: it tells errors meanwhile, and changes again afterwards', async () => {
  await ok(
    runSql("create table notes (id int primary key, body text); insert into notes values (1, 'before')"),
  );
  await ok(postern.command('pg_track_table', { table: 'notes' }));
  const watched = watchValue(postern, 'subscription { row: notes_by_pk(id: 1) { value: body } }');
  await until('the first value comes', () => watched.values.at(-1) === 'before');
  await server.kill();
  await until('errors are told', () => watched.errors.length > 0);
  await server.start();
  await administration`update notes set body = 'after'`;
  await until('the change is told', () => watched.values.at(-1) === 'after', backWithinMs + pollMs);
  expect(watched.hasEnded()).toBe(false);
  expect(JSON.stringify(watched.errors)).toContain('postgres-error');
  await watched.end();
});

/** A file system of a few megabytes, or null where none can be made. Its second function ends it. */
function smallFileSystem(megabytes: number): { readonly folder: string; readonly remove: () => void } | null {
  const folder = join(server.folder, `small-${randomUUID()}`);
  mkdirSync(folder);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'postern-test', folder]);
  if (mounted.status !== 0) {
    rmSync(folder, { recursive: true });
    return null;
  }
  const { uid, gid } = statSync(join(server.folder, 'data'));
  chownSync(folder, uid, gid);
  return { folder, remove: () => void spawnSync('umount', ['-l', folder]) };
}

test('the disk of the metadata is full: changes are refused and leave nothing, and succeed once there is room', async (context) => {
  const disk = smallFileSystem(4);
  if (disk === null) {
    process.stderr.write('skipped: a full disk, because this user may not mount a small file system\n');
    return context.skip();
  }
  try {
    await ok(runSql('create table kept (id int primary key); create table wanted (id int primary key)'));
    await ok(postern.command('pg_track_table', { table: 'kept' }));
    await administration.unsafe(`create tablespace small location '${disk.folder}'`);
    await administration.unsafe('alter table hdb_catalog.hdb_metadata set tablespace small');
    const filler = join(disk.folder, 'filler');
    const { bavail, bsize } = statfsSync(disk.folder);
    writeFileSync(filler, Buffer.alloc(Number(bavail) * Number(bsize)));
    const stored = () =>
      administration`select metadata::text, resource_version from hdb_catalog.hdb_metadata`;
    const before = await stored();
    // comments that do not compress, beyond what the pages at hand have room for
    const large = (table: string, bytes: number) => ({
      table,
      configuration: { comment: randomText(bytes) },
    });
    const refused = await postern.command('pg_set_table_customization', large('kept', 200_000));
    expect(refused).toMatchObject({
      status: 500,
      body: { code: 'unexpected', error: 'database query error' },
    });
    expect(JSON.stringify(refused.body)).toContain('No space left on device');
    expect(await stored()).toEqual(before);
    expect(await postern.query('{ kept { id } }')).toEqual({ data: { kept: [] } });
    expect(await postern.request('/healthz')).toMatchObject({ status: 200, text: 'OK' });
    const exported = await postern.command('export_metadata', {});
    expect(JSON.stringify(exported.body)).not.toContain('comment');
    rmSync(filler);
    await ok(postern.command('pg_set_table_customization', large('kept', 200_000)));
    await ok(postern.command('pg_track_table', { table: 'wanted' }));
    expect(await postern.query('{ wanted { id } }')).toEqual({ data: { wanted: [] } });
    await administration.unsafe('alter table hdb_catalog.hdb_metadata set tablespace pg_default');
    await administration.unsafe('drop tablespace small');
  } finally {
    disk.remove();
  }
});

function randomText(bytes: number): string {
  return Array.from({ length: Math.ceil(bytes / 32) }, () => randomUUID().replaceAll('-', '')).join('');
}

function judge(answer: unknown, right: string): 'right' | 'refused' | 'odd' {
  if (JSON.stringify(answer) === right) return 'right';
  const errors = (answer as { errors?: { extensions: { code: string } }[] } | null)?.errors;
  return errors?.length === 1 && errors[0]?.extensions.code === 'postgres-error' ? 'refused' : 'odd';
}
