/**
 * What mutations send to PostgreSQL, statement by statement and round trip by round trip, and what is answered. The files of each case are rewritten by
 * `npx vitest run packages/engine/test/golden --update`; the difference is for people to review.
 */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Session } from '../../src/authentication/index.ts';
import { type Database, openDatabase, type Query } from '../../src/database/index.ts';
import { createExecutor } from '../../src/execute/index.ts';
import type { TableMetadata } from '../../src/metadata/index.ts';
import type { Model } from '../../src/model/index.ts';
import { createRoleSchema, type RoleSchema } from '../../src/schema/index.ts';
import { type Json, type JsonObject, parseJson } from '../../src/support/index.ts';
import { createTestDatabase, type TestDatabase } from '../support/index.ts';
import { layOutSql } from './lay-out-sql.ts';
import { modelOf, planner, schemaFeatures } from '../support/stages.ts';

const role = 'user';
const own = { owner: { _eq: 'X-Hasura-User-Id' } };
const list = (name: string) => ({
  name,
  using: { foreign_key_constraint_on: { table: { schema: 'public', name: 'item' }, column: 'list' } },
});
const tables: readonly TableMetadata[] = [
  {
    table: { schema: 'public', name: 'list' },
    array_relationships: [list('items')],
    select_permissions: [{ role, permission: { columns: ['id', 'title', 'data'], filter: own } }],
    insert_permissions: [
      {
        role,
        permission: { columns: ['title', 'data'], set: { owner: 'X-Hasura-User-Id' }, check: own },
      },
    ],
    update_permissions: [
      {
        role,
        permission: {
          columns: ['title', 'data', 'rank'],
          filter: own,
          check: { title: { _neq: '' } },
          set: { edited: 'X-Hasura-User-Id' },
        },
      },
    ],
    delete_permissions: [{ role, permission: { filter: own } }],
  },
  {
    table: { schema: 'public', name: 'item' },
    object_relationships: [{ name: 'of', using: { foreign_key_constraint_on: 'list' } }],
    select_permissions: [{ role, permission: { columns: '*', filter: { of: own } } }],
    insert_permissions: [{ role, permission: { columns: ['text'], check: { of: own } } }],
  },
];

let created: TestDatabase;
let database: Database;
let model: Model;
beforeAll(async () => {
  created = await createTestDatabase();
  await created.sql(`
    create table list (id serial primary key, owner int not null, title text not null unique, data jsonb, rank int, edited int);
    create table item (id serial primary key, list int not null references list, text text);`);
  database = openDatabase({ url: created.url });
  const source = {
    name: 'default',
    kind: 'postgres',
    tables,
    configuration: { connection_info: { database_url: { from_env: 'DATABASE_URL' } } },
  } as const;
  model = await modelOf(database, { version: 3, sources: [source] });
  expect(model.inconsistencies).toEqual([]);
});
beforeEach(async () => {
  await created.sql(`truncate list, item restart identity;
    insert into list (owner, title) values (1, 'one'), (2, 'two'); insert into item (list, text) values (1, 'a'), (2, 'b')`);
});
afterAll(async () => {
  await database?.close();
  await created?.drop();
});

const session: Session = {
  role,
  variables: new Map([
    ['x-hasura-role', role],
    ['x-hasura-user-id', '1'],
  ]),
  isAdmin: false,
  usesBackendOnly: false,
  expiresAt: null,
};

const executor = createExecutor<RoleSchema>({
  planner,
});

/** A database that notes what it is asked. Everything else that takes a round trip than batches is refused. */
function recording(trips: (readonly Query[])[]): Database {
  return new Proxy(database, {
    get(target, name) {
      if (name === 'hold') return () => target.hold();
      if (name !== 'batch') throw new Error(`${String(name)} takes a round trip`);
      return (queries: readonly Query[]) => {
        trips.push(queries);
        return target.batch(queries);
      };
    },
  });
}

async function golden(name: string, query: string, variables: JsonObject | null = null): Promise<void> {
  const trips: (readonly Query[])[] = [];
  const answer = await executor.execute({
    request: { query, operationName: null, variables },
    session,
    modelId: model.id,
    schema: () =>
      createRoleSchema(model, role, {
        usesBackendOnly: false,
        features: schemaFeatures,
      }),
    databases: new Map([['default', recording(trips)]]),
  });
  const sent = trips.map(
    (queries, index) => `-- round trip ${index + 1}\n${queries.map(printQuery).join('\n')}`,
  );
  await expect(sent.join('\n')).toMatchFileSnapshot(`./mutations/${name}/sql.txt`);
  await expect(`${Buffer.concat(answer).toString()}\n`).toMatchFileSnapshot(
    `./mutations/${name}/answer.json`,
  );
}

function printQuery({ text, parameters }: Query): string {
  const values = parameters.map((value, index) => `-- $${index + 1} = ${JSON.stringify(value)}\n`);
  return `${layOutSql(text)}${values.join('')}`;
}

const json = (value: unknown): Json => parseJson(JSON.stringify(value));

test('one row with preset and check', () =>
  golden(
    'insert-one',
    'mutation ($title: String!, $data: jsonb) { insert_list_one(object: {title: $title, data: $data}) { id } }',
    { title: 'new', data: json({ a: 1 }) } as JsonObject,
  ));

test('rows written in the document', () =>
  golden(
    'insert-rows',
    'mutation { insert_list(objects: [{title: "x"}, {title: "y", data: {}}]) { affected_rows returning { id title data } } }',
  ));

test('rows from a variable', () =>
  golden(
    'insert-variable',
    'mutation ($rows: [list_insert_input!]!) { insert_list(objects: $rows) { affected_rows returning { title } } }',
    {
      rows: json([
        { title: 'x', data: [1] },
        { title: 'y', data: null },
      ]),
    },
  ));

test('an upsert under both rules', () =>
  golden(
    'upsert',
    'mutation { insert_list(objects: [{title: "one", data: {b: 1}}], on_conflict: {constraint: list_title_key, update_columns: [data], where: {id: {_gt: 0}}}) { affected_rows } }',
  ));

test('conflicts left alone', () =>
  golden(
    'upsert-nothing',
    'mutation { insert_list_one(object: {title: "one"}, on_conflict: {constraint: list_title_key}) { id } }',
  ));

test('nested rows', () =>
  golden(
    'insert-nested',
    `mutation ($lists: [list_insert_input!]!) { insert_list(objects: $lists) { affected_rows returning { title items(order_by: {id: asc}) { text of { title } } } } }`,
    {
      lists: json([
        { title: 'x', items: { data: [{ text: 'x1' }, { text: 'x2' }] } },
        { title: 'y', items: { data: [{ text: 'y1' }] } },
      ]),
    },
  ));

test('a row before the one that refers to it', () =>
  golden(
    'insert-nested-object',
    'mutation { insert_item_one(object: {text: "t", of: {data: {title: "p"}}}) { id of { title } } }',
  ));

test('update by key with check', () =>
  golden(
    'update-by-pk',
    'mutation ($id: Int!, $title: String!) { update_list_by_pk(pk_columns: {id: $id}, _set: {title: $title}) { id title } }',
    { id: 1, title: 'changed' },
  ));

test('update with every operator, and related rows', () =>
  golden(
    'update',
    `mutation { update_list(where: {items: {text: {_eq: "a"}}}, _set: {title: "t"}, _inc: {rank: 1}, _append: {data: {a: 1}})
      { affected_rows returning { id items_aggregate: items { text } } } }`,
  ));

test('several root fields in one round trip', () =>
  golden(
    'several-fields',
    `mutation {
      a: update_list_many(updates: [{where: {id: {_eq: 1}}, _set: {title: "a"}}, {where: {id: {_eq: 2}}, _set: {title: "b"}}]) { affected_rows }
      b: insert_item(objects: []) { affected_rows }
      c: delete_list(where: {id: {_lt: 0}}) { affected_rows returning { title } }
    }`,
  ));
