/** Mutations for trusted backends. Source: spec/permissions.md 1.5, 11 G, 13 (Q2, Q3). */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Caller, graphqlError, type Project, project } from '../../support/project.ts';

const header = 'x-hasura-use-backend-only-permissions';
let api: Project;
let unprotected: Project;
let second: Project;

beforeAll(async () => {
  const users = {
    tables: 'create table users (id int primary key)',
    metadata: [
      {
        table: 'users',
        insert_permissions: [
          { role: 'user', permission: { check: {}, columns: ['id'], set: {}, backend_only: true } },
        ],
        delete_permissions: [{ role: 'user', permission: { filter: {}, backend_only: true } }],
      },
    ],
  };
  const both = { ...users, engine: { unauthorizedRole: 'user' } };
  [api, second] = await Promise.all([
    project(both),
    project({
      tables: `create table parent (id int primary key); create table child (id int primary key, parent int references parent, note text)`,
      metadata: [
        {
          table: 'parent',
          array_relationships: [
            { name: 'children', using: { foreign_key_constraint_on: { table: 'child', column: 'parent' } } },
          ],
          insert_permissions: [{ role: 'user', permission: { check: {}, columns: '*' } }],
        },
        {
          table: 'child',
          insert_permissions: [
            { role: 'user', permission: { check: {}, columns: '*', backend_only: true } },
            { role: 'upserter', permission: { check: {}, columns: '*' } },
          ],
          update_permissions: [
            { role: 'upserter', permission: { filter: {}, columns: ['note'], backend_only: true } },
          ],
        },
      ],
    }),
  ]);
  unprotected = await project({ ...users, engine: { adminSecret: null } });
});
beforeEach(async () => {
  for (const each of [api, unprotected]) await each.database.sql('truncate users');
  await second.database.sql('truncate parent, child');
});
afterAll(() => Promise.all([api?.close(), unprotected?.close(), second?.close()]));

const secret = { 'x-hasura-admin-secret': 'test-secret' };
const from = (backend: string | null, on = api): Caller =>
  on.withHeaders({ ...secret, 'x-hasura-role': 'user', ...(backend === null ? {} : { [header]: backend }) });
const insert = 'mutation { insert_users(objects:[{id:1}]) { affected_rows } }';
const inserted = { data: { insert_users: { affected_rows: 1 } } };
const none = graphqlError('validation-failed', '$', 'no mutations exist');
const notFound = (field: string, type: string, path: string) =>
  graphqlError(
    'validation-failed',
    `$.selectionSet.${path}`,
    `field '${field}' not found in type: '${type}'`,
  );

test('the secret and the header open them, nothing less (G1-G6, G13)', async () => {
  expect(await from(null).query(insert)).toEqual(none);
  expect(await from('false').query(insert)).toEqual(none);
  expect(await api.withHeaders({ 'x-hasura-role': 'user', [header]: 'true' }).query(insert)).toEqual(none);
  expect(await from('true').query(insert)).toEqual(inserted);
  expect(await from('random').query(insert)).toEqual(
    graphqlError(
      'bad-request',
      '$',
      `${header}:  Not a valid boolean text. True values are ["true","t","yes","y"] and  False values are ["false","f","no","n"]. All values are case insensitive`,
    ),
  );
  await api.database.sql('truncate users');
  expect(await api.query(insert)).toEqual(inserted);
});

test('without authentication the header is enough (G15)', async () => {
  const ask = (headers: Record<string, string>) =>
    unprotected.withHeaders({ 'x-hasura-role': 'user', ...headers }).query(insert);
  expect(await ask({})).toEqual(none);
  expect(await ask({ [header]: 'true' })).toEqual(inserted);
});

test('they obey the other rules (G8-G11)', async () => {
  await api.database.sql('insert into users values (1), (2)');
  expect(await from('t').query('mutation { delete_users(where:{id:{_eq:1}}) { affected_rows } }')).toEqual(
    notFound('id', 'users_bool_exp', 'delete_users.args.where.id'),
  );
  expect(await from('YES').query('mutation { delete_users(where:{}) { affected_rows } }')).toEqual({
    data: { delete_users: { affected_rows: 2 } },
  });
  expect(
    await from('true').query('mutation { insert_users(objects:[{id:1}]) { returning { id } } }'),
  ).toEqual(notFound('returning', 'users_mutation_response', 'insert_users.selectionSet.returning'));
  expect(await from('true').query('mutation { insert_users_one(object:{id:1}) { id } }')).toEqual(
    notFound('insert_users_one', 'mutation_root', 'insert_users_one'),
  );
});

test('introspection shows them to backends only (G14)', async () => {
  const kind = '{ __schema { mutationType { name } } }';
  expect(await from('true').query(kind)).toEqual({
    data: { __schema: { mutationType: { name: 'mutation_root' } } },
  });
  expect(await from(null).query(kind)).toEqual({ data: { __schema: { mutationType: null } } });
});

describe('there is no way around:', () => {
  test('not through nested rows (Q2)', async () => {
    const nested =
      'mutation { insert_parent(objects: [{id: 1, children: {data: [{id: 2}]}}]) { affected_rows } }';
    expect(await from(null, second).query(nested)).toEqual(
      notFound('children', 'parent_insert_input', 'insert_parent.args.objects[0].children'),
    );
    expect(await from('true', second).query(nested)).toEqual({
      data: { insert_parent: { affected_rows: 2 } },
    });
  });

  test('not through upserts (Q3)', async () => {
    const upsert = (backend: boolean) =>
      second
        .withHeaders({ ...secret, 'x-hasura-role': 'upserter', ...(backend ? { [header]: 'true' } : {}) })
        .query(
          'mutation { insert_child(objects: [{id: 1, note: "new"}], on_conflict: {constraint: child_pkey, update_columns: [note]}) { affected_rows } }',
        );
    await second.database.sql(`insert into child values (1, null, 'old')`);
    expect(await upsert(false)).toEqual(
      graphqlError(
        'validation-failed',
        '$.selectionSet.insert_child.args.on_conflict.update_columns[0]',
        "expected one of the values ['_PLACEHOLDER'] for type 'child_update_column', but found 'note'",
      ),
    );
    expect(await upsert(true)).toEqual({ data: { insert_child: { affected_rows: 1 } } });
  });
});

test('beside other mutations they are fields that do not exist (G12)', async () => {
  await api.database.sql('create table other (id int primary key)');
  const table = { schema: 'public', name: 'other' };
  await api.command('pg_track_table', { source: 'default', table });
  const args = { source: 'default', table, role: 'user', permission: { check: {}, columns: ['id'] } };
  expect(await api.command('pg_create_insert_permission', args)).toMatchObject({ status: 200 });
  expect(await from(null).query(insert)).toEqual(notFound('insert_users', 'mutation_root', 'insert_users'));
  expect(await from('true').query(insert)).toEqual(inserted);
});
