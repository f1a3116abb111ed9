/** Introspection of a schema that takes long to describe. */
import { buildClientSchema, getIntrospectionQuery, type IntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Project, project } from '../support/project.ts';

const names = Array.from({ length: 400 }, (_, index) => `thing_${index}`);

let api: Project;
beforeAll(async () => {
  api = await project({
    tables: names
      .map((name) => `create table ${name} (id int primary key, name text, at timestamptz);`)
      .join('\n'),
    metadata: names.map((table) => ({ table })),
  });
}, 60_000);
afterAll(() => api?.close());

const full = (answer: unknown) => buildClientSchema((answer as { data: IntrospectionQuery }).data);

test('is whole, whoever asks at the same time and for whatever', async () => {
  const document = getIntrospectionQuery();
  const [first, second, one, none] = await Promise.all([
    api.query(document),
    api.query(document),
    api.query('{ __type(name: "thing_399") { name fields { name } } thing_7 { id } }'),
    api.query('{ __type(name: "thing_400") { name } }'),
  ]);
  expect(JSON.stringify(second)).toBe(JSON.stringify(first));
  const schema = full(first);
  expect(names.filter((name) => schema.getType(`${name}_bool_exp`) === undefined)).toEqual([]);
  expect(one).toEqual({
    data: {
      __type: { name: 'thing_399', fields: [{ name: 'at' }, { name: 'id' }, { name: 'name' }] },
      thing_7: [],
    },
  });
  expect(none).toEqual({ data: { __type: null } });
});

test('lets others be answered meanwhile', async () => {
  const order: string[] = [];
  const answered = (name: string) => () => void order.push(name);
  await Promise.all([
    api.query(`# another plan\n${getIntrospectionQuery()}`).then(answered('introspection')),
    api.query('{ thing_1 { id } }').then(answered('query')),
  ]);
  expect(order).toEqual(['query', 'introspection']);
});
