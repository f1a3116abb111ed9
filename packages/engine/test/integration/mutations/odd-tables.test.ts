/** The rules of writes where a row is not what was sent: partitions, children, views, triggers, generated columns. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { at, graphqlError, type JsonLike, type Project, project } from '../../support/project.ts';

const own = { owner: { _eq: 'X-Hasura-User-Id' } };
const checkFailed = 'check constraint of an insert/update permission has failed';
const refusedAt = (path: string) => graphqlError('permission-error', path, checkFailed);

const rules = (table: string, changes: { insert?: JsonLike; update?: JsonLike } = {}): JsonLike => ({
  table,
  select_permissions: [{ role: 'user', permission: { columns: '*', filter: own } }],
  insert_permissions: [{ role: 'user', permission: { columns: '*', check: changes.insert ?? own } }],
  update_permissions: [
    {
      role: 'user',
      permission: changes.update ?? { columns: ['balance'], filter: own, check: { balance: { _gte: 0 } } },
    },
  ],
  delete_permissions: [{ role: 'user', permission: { filter: own } }],
});

let api: Project;
beforeAll(async () => {
  api = await project({
    tables: `
      create table split (id int, region text, owner int, balance int, primary key (id, region)) partition by list (region);
      create table split_a partition of split for values in ('a');
      create table split_b (balance int, gone int, owner int, region text not null, id int not null);
      alter table split_b drop column gone;
      alter table split attach partition split_b for values in ('b');
      create table sharded (id int primary key, owner int, balance int) partition by hash (id);
      create table sharded_0 partition of sharded for values with (modulus 2, remainder 0);
      create table sharded_1 partition of sharded for values with (modulus 2, remainder 1);
      create table base (id int primary key, owner int, balance int);
      create table derived (note text, primary key (id)) inherits (base);
      create table plain (id int primary key, owner int, balance int);
      create view shown as select id, owner, balance from plain;
      create table watched (id int primary key, owner int, balance int);
      create function watch() returns trigger language plpgsql as $$ begin
        if new.balance = 14 then return null; end if;
        if new.balance = 13 then new.owner := 99; end if;
        if new.balance = 12 then new.balance := -12; end if;
        return new;
      end $$;
      create trigger watch before insert or update on watched for each row execute function watch();
      create table computed (id int generated always as identity primary key, owner int, balance int, twice int generated always as (balance * 2) stored);`,
    metadata: [
      rules('split', { update: { columns: ['balance', 'region'], filter: own, check: null } }),
      rules('sharded'),
      rules('base'),
      rules('derived'),
      rules('shown'),
      rules('watched'),
      rules('computed', {
        insert: { twice: { _gt: 4 } },
        update: { columns: ['balance'], filter: own, check: { twice: { _gte: 0 } } },
      }),
    ],
  });
});
beforeEach(async () => {
  await api.database.sql(
    'truncate split, sharded, base, derived, plain, watched; truncate computed restart identity',
  );
});
afterAll(() => api?.close());

const user = () => api.as('user', { 'x-hasura-user-id': 1 });
const mutate = (field: string) => user().query(`mutation { ${field} }`);
const inserted = (table: string, count: number) => ({
  data: { [`insert_${table}`]: { affected_rows: count } },
});

describe('a partitioned table', () => {
  const upsert = (region: string, owner: number, balance: number) =>
    mutate(
      `insert_split(objects: [{id: 1, region: "${region}", owner: ${owner}, balance: ${balance}}], on_conflict: {constraint: split_pkey, update_columns: [balance]}) { affected_rows }`,
    );

  test.each(['a', 'b'])('upserts under one check, partition %s', async (region) => {
    expect(await upsert(region, 2, 1)).toEqual(refusedAt(`${at('insert_split')}.args.objects`));
    expect(await upsert(region, 1, 5)).toEqual(inserted('split', 1));
    // only the stored row is tested
    expect(await upsert(region, 2, 6)).toEqual(inserted('split', 1));
    await api.database.sql('update split set owner = 3');
    expect(await upsert(region, 1, 7)).toEqual(inserted('split', 0));
    expect(await api.sql`select region, owner, balance from split`).toEqual([
      { region, owner: 3, balance: 6 },
    ]);
  });

  test.each([1, 2, 3, 4])(
    'upserts under two checks hold row %i to both, as nothing tells which one counts',
    async (id) => {
      const put = (owner: number, balance: number) =>
        mutate(
          `insert_sharded(objects: [{id: ${id}, owner: ${owner}, balance: ${balance}}], on_conflict: {constraint: sharded_pkey, update_columns: [balance]}) { affected_rows }`,
        );
      const refused = refusedAt(`${at('insert_sharded')}.args.objects`);
      expect(await put(2, 1)).toEqual(refused);
      expect(await put(1, -1)).toEqual(refused);
      expect(await put(1, 5)).toEqual(inserted('sharded', 1));
      expect(await put(1, -5)).toEqual(refused);
      expect(await put(1, 6)).toEqual(inserted('sharded', 1));
      expect(await api.sql`select owner, balance from sharded`).toEqual([{ owner: 1, balance: 6 }]);
    },
  );

  test('rows move between partitions', async () => {
    await upsert('a', 1, 5);
    await upsert('b', 1, 6);
    await api.database.sql(`update split set owner = 2, id = 2 where region = 'a'`);
    expect(
      await mutate(
        'update_split(where: {}, _set: {region: "a"}) { affected_rows returning { id region balance } }',
      ),
    ).toEqual({
      data: { update_split: { affected_rows: 1, returning: [{ id: 1, region: 'a', balance: 6 }] } },
    });
  });
});

test('a parent table holds the rows of its children to its rules', async () => {
  await api.database.sql(
    'insert into base values (1, 1, 1), (2, 2, 1); insert into derived values (1, 1, 1), (3, 2, 1)',
  );
  expect(await mutate('update_base(where: {}, _inc: {balance: 1}) { affected_rows }')).toEqual({
    data: { update_base: { affected_rows: 2 } },
  });
  expect(await mutate('update_base(where: {}, _inc: {balance: -9}) { affected_rows }')).toEqual(
    refusedAt('$'),
  );
  expect(await mutate('delete_base(where: {}) { affected_rows }')).toEqual({
    data: { delete_base: { affected_rows: 2 } },
  });
  expect(await api.sql`select id, owner, balance from base order by id`).toEqual([
    { id: 2, owner: 2, balance: 1 },
    { id: 3, owner: 2, balance: 1 },
  ]);
});

test('a view has rules of its own', async () => {
  await api.database.sql('insert into plain values (1, 1, 1), (2, 2, 1)');
  expect(await mutate('insert_shown(objects: [{id: 3, owner: 2, balance: 1}]) { affected_rows }')).toEqual(
    refusedAt(`${at('insert_shown')}.args.objects`),
  );
  expect(await mutate('update_shown(where: {}, _set: {balance: -1}) { affected_rows }')).toEqual(
    refusedAt('$'),
  );
  expect(
    await mutate('update_shown(where: {}, _set: {balance: 5}) { affected_rows returning { id } }'),
  ).toEqual({
    data: { update_shown: { affected_rows: 1, returning: [{ id: 1 }] } },
  });
  expect(await mutate('delete_shown(where: {}) { affected_rows }')).toEqual({
    data: { delete_shown: { affected_rows: 1 } },
  });
  expect(await api.sql`select id, balance from plain`).toEqual([{ id: 2, balance: 1 }]);
});

describe('a trigger', () => {
  const insert = (balance: number, more = '') =>
    mutate(`insert_watched(objects: [{id: 1, owner: 1, balance: ${balance}}]${more}) { affected_rows }`);
  const onConflict = ', on_conflict: {constraint: watched_pkey, update_columns: [balance]}';

  test('that changes the row cannot bring it past the check', async () => {
    expect(await insert(13)).toEqual(refusedAt(`${at('insert_watched')}.args.objects`));
    expect(await insert(1)).toEqual(inserted('watched', 1));
    expect(await mutate('update_watched(where: {}, _set: {balance: 12}) { affected_rows }')).toEqual(
      refusedAt('$'),
    );
    expect(await insert(12, onConflict)).toEqual(refusedAt(`${at('insert_watched')}.args.objects`));
    expect(await api.sql`select owner, balance from watched`).toEqual([{ owner: 1, balance: 1 }]);
  });

  test('that drops the row leaves nothing to answer', async () => {
    expect(await insert(14)).toEqual(inserted('watched', 0));
    expect(await mutate('insert_watched_one(object: {id: 1, owner: 1, balance: 14}) { id }')).toEqual({
      data: { insert_watched_one: null },
    });
    await insert(1);
    expect(await insert(14, onConflict)).toEqual(inserted('watched', 0));
    expect(await mutate('update_watched_by_pk(pk_columns: {id: 1}, _set: {balance: 14}) { id }')).toEqual({
      data: { update_watched_by_pk: null },
    });
  });
});

test('checks see generated columns as they become', async () => {
  const insert = (balance: number) =>
    mutate(
      `insert_computed(objects: [{owner: 1, balance: ${balance}}]) { affected_rows returning { twice } }`,
    );
  expect(await insert(1)).toEqual(refusedAt(`${at('insert_computed')}.args.objects`));
  expect(await insert(3)).toEqual({
    data: { insert_computed: { affected_rows: 1, returning: [{ twice: 6 }] } },
  });
  expect(await mutate('update_computed(where: {}, _set: {balance: -3}) { affected_rows }')).toEqual(
    refusedAt('$'),
  );
});
