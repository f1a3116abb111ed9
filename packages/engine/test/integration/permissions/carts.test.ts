/** Own rows by a preset, and by a check. Source: spec/permissions.md 11 B. */
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { at, graphqlError, type JsonLike, type Project, project } from '../../support/project.ts';

const checkFailed = 'check constraint of an insert/update permission has failed';
const own = { user_id: { _eq: 'X-Hasura-User-Id' } };

const carts = (insert: JsonLike, update: JsonLike): JsonLike => ({
  table: 'carts',
  select_permissions: [{ role: 'user', permission: { columns: '*', filter: own, allow_aggregations: true } }],
  insert_permissions: [{ role: 'user', permission: insert }],
  update_permissions: [{ role: 'user', permission: update }],
  delete_permissions: [{ role: 'user', permission: { filter: own } }],
});

const byPreset = carts(
  { columns: ['note'], check: {}, set: { user_id: 'x-hasura-user-id' } },
  { columns: ['note'], filter: own, check: null },
);
const byCheck = carts(
  { columns: ['user_id', 'note'], check: own },
  { columns: ['user_id', 'note'], filter: own, check: own },
);

let api: Project;
afterAll(() => api?.close());

const seeds = `
  drop table if exists carts;
  create table carts (id serial primary key, user_id int not null, note text);
  insert into carts (user_id, note) values (1, 'a'), (1, 'b'), (2, 'c');`;

async function start(metadata: JsonLike): Promise<void> {
  await api?.close();
  api = await project({ tables: seeds, metadata: [metadata] });
}

const user = (id: number | string) => api.as('user', { 'x-hasura-user-id': id });
const ids = async () => (await api.sql`select id from carts order by id`).map(({ id }) => id);

describe('with a preset', () => {
  beforeEach(() => start(byPreset));

  test('users read their own (B1-B7)', async () => {
    const all = '{ carts(order_by:{id:asc}) { id user_id note } }';
    expect(await user(1).query(all)).toEqual({
      data: {
        carts: [
          { id: 1, user_id: 1, note: 'a' },
          { id: 2, user_id: 1, note: 'b' },
        ],
      },
    });
    expect(await user(2).query(all)).toEqual({ data: { carts: [{ id: 3, user_id: 2, note: 'c' }] } });
    expect(await api.as('user').query(all)).toEqual(
      graphqlError('not-found', '$', 'missing session variable: "x-hasura-user-id"'),
    );
    expect(await user('abc').query(all)).toEqual(
      graphqlError('data-exception', '$', 'invalid input syntax for type integer: "abc"'),
    );
    expect(await user(1).query('{ carts_by_pk(id:3) { id } }')).toEqual({ data: { carts_by_pk: null } });
    expect(await user(1).query('{ carts(where:{user_id:{_eq:2}}) { id } }')).toEqual({ data: { carts: [] } });
    expect(await user(1).query('{ carts_aggregate { aggregate { count } } }')).toEqual({
      data: { carts_aggregate: { aggregate: { count: 2 } } },
    });
  });

  test('an inserted row gets the preset (B8, B9)', async () => {
    expect(
      await user(1).query('mutation { insert_carts_one(object:{note:"x"}) { id user_id note } }'),
    ).toEqual({ data: { insert_carts_one: { id: 4, user_id: 1, note: 'x' } } });
    expect(await user(1).query('mutation { insert_carts_one(object:{note:"x", user_id:2}) { id } }')).toEqual(
      graphqlError(
        'validation-failed',
        '$.selectionSet.insert_carts_one.args.object.user_id',
        "field 'user_id' not found in type: 'carts_insert_input'",
      ),
    );
  });

  test('a preset needs its session variable, and a value that fits', async () => {
    const insert = 'mutation { insert_carts(objects: [{note: "x"}]) { affected_rows } }';
    expect(await api.as('user').query(insert)).toEqual(
      graphqlError('not-found', '$', 'missing session variable: "x-hasura-user-id"'),
    );
    expect(await user('abc').query(insert)).toEqual(
      graphqlError(
        'data-exception',
        '$.selectionSet.insert_carts.args.objects',
        'invalid input syntax for type integer: "abc"',
      ),
    );
    expect(await ids()).toEqual([1, 2, 3]);
  });

  test("others' rows are not there to be changed (B10-B13)", async () => {
    expect(
      await user(1).query(
        'mutation { update_carts(where:{id:{_eq:3}}, _set:{note:"h"}) { affected_rows returning { id } } }',
      ),
    ).toEqual({ data: { update_carts: { affected_rows: 0, returning: [] } } });
    expect(
      await user(1).query('mutation { update_carts_by_pk(pk_columns:{id:3}, _set:{note:"h"}) { id } }'),
    ).toEqual({ data: { update_carts_by_pk: null } });
    expect(await user(1).query('mutation { delete_carts_by_pk(id:3) { id } }')).toEqual({
      data: { delete_carts_by_pk: null },
    });
    expect(await user(2).query('mutation { delete_carts(where:{}) { affected_rows } }')).toEqual({
      data: { delete_carts: { affected_rows: 1 } },
    });
    expect(await ids()).toEqual([1, 2]);
  });
});

describe('with a check', () => {
  beforeEach(() => start(byCheck));

  test('one row that fails undoes all (B20, B23, B24)', async () => {
    expect(
      await user(1).query(
        'mutation { insert_carts(objects:[{user_id:1,note:"ok"},{user_id:2,note:"no"}]) { affected_rows } }',
      ),
    ).toEqual(graphqlError('permission-error', `${at('insert_carts')}.args.objects`, checkFailed));
    expect(await user(1).query('mutation { insert_carts_one(object:{user_id:2}) { id } }')).toEqual(
      graphqlError('permission-error', `${at('insert_carts_one')}.args.object`, checkFailed),
    );
    expect(
      await user(1).query(
        'mutation { a: insert_carts_one(object:{user_id:1}) { id } b: insert_carts_one(object:{user_id:2}) { id } }',
      ),
    ).toEqual(graphqlError('permission-error', `${at('insert_carts_one')}.args.object`, checkFailed));
    expect(await ids()).toEqual([1, 2, 3]);
  });

  test('a row may not be given away (B21)', async () => {
    const give = 'mutation { update_carts(where:{id:{_eq:1}}, _set:{user_id:2}) { affected_rows } }';
    expect(await user(1).query(give)).toEqual(graphqlError('permission-error', '$', checkFailed));
    expect(await api.sql`select user_id from carts where id = 1`).toEqual([{ user_id: 1 }]);
  });

  test('without a check it may (B22)', async () => {
    await start(
      carts(
        { columns: ['user_id', 'note'], check: own },
        { columns: ['user_id', 'note'], filter: own, check: null },
      ),
    );
    const give = 'mutation { update_carts(where:{id:{_eq:1}}, _set:{user_id:2}) { affected_rows } }';
    expect(await user(1).query(give)).toEqual({ data: { update_carts: { affected_rows: 1 } } });
  });

  test('an update that fails later undoes those before it', async () => {
    const many = `mutation { update_carts_many(updates: [
      {where: {id: {_eq: 1}}, _set: {note: "changed"}}, {where: {id: {_eq: 2}}, _set: {user_id: 9}}]) { affected_rows } }`;
    expect(await user(1).query(many)).toEqual(graphqlError('permission-error', '$', checkFailed));
    expect(await api.sql`select note from carts where id = 1`).toEqual([{ note: 'a' }]);
  });
});
