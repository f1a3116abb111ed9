/** `engine.rulesUsed`: what an operation reads and writes through, wherever it does so. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RequestError } from '../../src/index.ts';
import { type Project, project } from '../support/project.ts';

const all = { columns: '*', filter: {} };
const insert = { columns: '*', check: {} };
let api: Project;

beforeAll(async () => {
  api = await project({
    tables: `
      create table owner (id int primary key, name text);
      create table pet (id int primary key, owner_id int references owner, name text);
      create table toy (id int primary key, pet_id int references pet)`,
    metadata: [
      {
        table: 'owner',
        array_relationships: [
          {
            name: 'pets',
            using: {
              foreign_key_constraint_on: { table: { schema: 'public', name: 'pet' }, column: 'owner_id' },
            },
          },
        ],
        select_permissions: [{ role: 'user', permission: { ...all, allow_aggregations: true } }],
        insert_permissions: [{ role: 'user', permission: insert }],
      },
      {
        table: 'pet',
        object_relationships: [{ name: 'owner', using: { foreign_key_constraint_on: 'owner_id' } }],
        array_relationships: [
          {
            name: 'toys',
            using: {
              foreign_key_constraint_on: { table: { schema: 'public', name: 'toy' }, column: 'pet_id' },
            },
          },
        ],
        // follows toys, which the role itself does not read here
        select_permissions: [
          {
            role: 'user',
            permission: {
              columns: '*',
              filter: { _or: [{ toys: { id: { _gt: 0 } } }, { id: { _gt: 0 } }] },
              allow_aggregations: true,
            },
          },
        ],
        insert_permissions: [{ role: 'user', permission: insert }],
        update_permissions: [{ role: 'user', permission: { columns: ['name'], filter: {}, check: null } }],
        delete_permissions: [{ role: 'user', permission: { filter: {}, backend_only: true } }],
      },
      {
        table: 'toy',
        select_permissions: [{ role: 'user', permission: { ...all, allow_aggregations: true } }],
      },
    ],
  });
});
afterAll(() => api?.close());

const used = (query: string, usesBackendOnly = false): string[] =>
  api.engine
    .rulesUsed({ role: 'user', query, usesBackendOnly })
    .map(({ source, table, operation }) => {
      expect([source, table.schema]).toEqual(['default', 'public']);
      return `${operation} ${table.name}`;
    })
    .sort();

test.each([
  ['a root field, but not what its rule reads', '{ pet { id } }', ['select pet']],
  ['a relationship', '{ pet { owner { id } } }', ['select owner', 'select pet']],
  ['a condition', '{ pet(where: {_not: {toys: {id: {_eq: 1}}}}) { id } }', ['select pet', 'select toy']],
  [
    'a condition on an aggregate',
    '{ pet(where: {toys_aggregate: {count: {predicate: {_eq: 1}}}}) { id } }',
    ['select pet', 'select toy'],
  ],
  ['an order', '{ pet(order_by: {owner: {name: asc}}) { id } }', ['select owner', 'select pet']],
  [
    'an order by an aggregate',
    '{ pet(order_by: {toys_aggregate: {count: asc}}) { id } }',
    ['select pet', 'select toy'],
  ],
  ['nodes of an aggregate', '{ owner_aggregate { nodes { pets { id } } } }', ['select owner', 'select pet']],
  ['introspection: none', '{ __schema { queryType { name } } }', []],
  [
    'a nested insert',
    'mutation { insert_owner(objects: [{id: 1, pets: {data: [{id: 1}]}}]) { affected_rows } }',
    ['insert owner', 'insert pet'],
  ],
  [
    'an upsert',
    'mutation { insert_pet(objects: [{id: 1}], on_conflict: {constraint: pet_pkey, update_columns: [name]}) { affected_rows } }',
    ['insert pet', 'update pet'],
  ],
  [
    'what is returned beside the row itself',
    'mutation { update_pet(where: {owner: {id: {_eq: 1}}}, _set: {name: "x"}) { returning { id toys { id } } } }',
    ['select owner', 'select toy', 'update pet'],
  ],
])('%s', (_, query, expected) => {
  expect(used(query)).toEqual(expected);
});

test('backend-only permissions count where they are asked for; else the operation is not valid', () => {
  const query = 'mutation { delete_pet(where: {}) { affected_rows } }';
  expect(used(query, true)).toEqual(['delete pet']);
  expect(() => used(query)).toThrow(RequestError);
});

test('nothing is run', async () => {
  used('mutation { insert_owner_one(object: {id: 7}) { id } }');
  expect(await api.sql`select count(*)::int as rows from owner`).toEqual([{ rows: 0 }]);
});
