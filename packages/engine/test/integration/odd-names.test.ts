/** Tables and columns whose names SQL or GraphQL treat specially: what can be served is, and what cannot is refused by name. */
import { buildClientSchema, getIntrospectionQuery, type IntrospectionQuery, validateSchema } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Caller, type JsonLike, type Project, project } from '../support/project.ts';

const longest = `n${'x'.repeat(62)}`;
const everyAction = (columns: string[] | '*') => ({
  select_permissions: [{ role: 'user', permission: { columns, filter: {}, allow_aggregations: true } }],
  insert_permissions: [{ role: 'user', permission: { columns, check: {} } }],
  update_permissions: [{ role: 'user', permission: { columns, filter: {}, check: null } }],
  delete_permissions: [{ role: 'user', permission: { filter: {} } }],
});

let api: Project;
beforeAll(async () => {
  api = await project({
    tables: `
      create table "select" (id int primary key, "from" text, "Mixed" int, "order" int, "group" int, "user" text, "table" int, "null" int,
        "true" boolean, "on" text, "query" text, "type" text, "_and" int, "id_" int);
      insert into "select" (id, "from", "Mixed", "order", "on") values (1, 'here', 7, 3, 'x');
      create table quoted (id int primary key, "with space" int, "dash-ed" int, "quo""te" text, "dot.ted" int, "ünïcode" text, "1st" int, "semi;colon" int,
        "back\\slash" int, "%s $1" int, "__secret" text);
      insert into quoted values (1, 2, 3, 'q', 4, 'u', 5, 6, 7, 8, 's');
      create table named (id int primary key, "__typename" text, secret text);
      insert into named values (1, 'a value of the column', 'secret');
      create table "${longest}" (id int primary key, "${longest}" text, "${longest.slice(0, 62)}y" text);
      insert into "${longest}" values (1, 'long', 'other');
      create table "tëst" (id int primary key);
      create table "my-table" (id int primary key, note text);
      insert into "my-table" values (1, 'dashed')`,
    metadata: [
      { table: 'select', ...everyAction('*') },
      { table: 'quoted', ...everyAction('*') },
      { table: 'named', ...everyAction(['id']) },
      { table: longest, ...everyAction('*') },
      { table: 'my-table', configuration: { custom_name: 'my_table' }, ...everyAction('*') },
    ],
  });
});
afterAll(() => api?.close());

const user = (): Caller => api.as('user');

test('words that SQL and GraphQL reserve are names like others', async () => {
  const read = `{ select(where: {order: {_eq: 3}, from: {_eq: "here"}}, order_by: [{group: asc}, {Mixed: desc}], distinct_on: [group]) {
    id from Mixed order group user table null true on query type _and } }`;
  const row = {
    id: 1,
    from: 'here',
    Mixed: 7,
    order: 3,
    group: null,
    user: null,
    table: null,
    null: null,
    true: null,
    on: 'x',
    query: null,
    type: null,
    _and: null,
  };
  expect(await user().query(read)).toEqual({ data: { select: [row] } });
  const write = `mutation { insert_select(objects: [{id: 2, from: "there", null: 1, true: true}], on_conflict: {constraint: select_pkey, update_columns: [from, order]}) {
      affected_rows returning { from null true } }
    update_select_by_pk(pk_columns: {id: 2}, _set: {from: "elsewhere"}, _inc: {null: 1}) { from null }
    delete_select(where: {null: {_eq: 2}}) { affected_rows } }`;
  expect(await user().query(write)).toEqual({
    data: {
      insert_select: { affected_rows: 1, returning: [{ from: 'there', null: 1, true: true }] },
      update_select_by_pk: { from: 'elsewhere', null: 2 },
      delete_select: { affected_rows: 1 },
    },
  });
  expect(
    await user().query(
      '{ select_aggregate { aggregate { count(columns: [from, order]) max { Mixed from } } } }',
    ),
  ).toEqual({
    data: { select_aggregate: { aggregate: { count: 1, max: { Mixed: 7, from: 'here' } } } },
  });
});

test('columns that GraphQL cannot name are left out, and all others are served', async () => {
  expect(await user().query('{ quoted { id } }')).toEqual({ data: { quoted: [{ id: 1 }] } });
  const { data } = (await user().query('{ __type(name: "quoted") { fields { name } } }')) as {
    data: { __type: { fields: { name: string }[] } };
  };
  const names = data.__type.fields.map(({ name }) => name);
  expect(names).toContain('id');
  expect(names.filter((name) => !/^[_A-Za-z][_0-9A-Za-z]*$/.test(name))).toEqual([]);
});

test('columns that GraphQL cannot name are served under a custom name', async () => {
  const custom: [string, string, unknown][] = [
    ['with space', 'spaced', 2],
    ['dash-ed', 'dashed', 3],
    ['quo"te', 'quote', 'q'],
    ['dot.ted', 'dotted', 4],
    ['ünïcode', 'unicode', 'u'],
    ['1st', 'first', 5],
    ['semi;colon', 'semicolon', 6],
    ['back\\slash', 'backslash', 7],
    ['%s $1', 'percent', 8],
  ];
  const column_config = Object.fromEntries(custom.map(([column, name]) => [column, { custom_name: name }]));
  const changed = await api.command('pg_set_table_customization', {
    table: 'quoted',
    configuration: { column_config },
  });
  expect(changed).toMatchObject({ status: 200 });
  for (const [, name, value] of custom) {
    const literal = JSON.stringify(value);
    expect(
      await user().query(
        `{ quoted(where: {${name}: {_eq: ${literal}}}, order_by: {${name}: asc}) { ${name} } }`,
      ),
    ).toEqual({
      data: { quoted: [{ [name]: value }] },
    });
    expect(
      await user().query(
        `mutation { update_quoted(where: {${name}: {_eq: ${literal}}}, _set: {${name}: ${literal}}) { returning { ${name} } } }`,
      ),
    ).toEqual({ data: { update_quoted: { returning: [{ [name]: value }] } } });
  }
  expect(await api.sql`select "with space" as a, "quo""te" as b, "semi;colon" as c from quoted`).toEqual([
    { a: 2, b: 'q', c: 6 },
  ]);
});

test('__typename is the name of the type, never the column of that name', async () => {
  for (const caller of [user(), api]) {
    expect(await caller.query('{ named { __typename id } }')).toEqual({
      data: { named: [{ __typename: 'named', id: 1 }] },
    });
    expect(await caller.query('{ named { a: __typename __typename } }')).toEqual({
      data: { named: [{ a: 'named', __typename: 'named' }] },
    });
  }
  expect(
    await user().query(
      'mutation { insert_named_one(object: {id: 5}) { __typename } delete_named_by_pk(id: 5) { __typename id } }',
    ),
  ).toEqual({
    data: { insert_named_one: { __typename: 'named' }, delete_named_by_pk: { __typename: 'named', id: 5 } },
  });
});

test('what the administrator and a role see of all this is a valid schema', async () => {
  for (const caller of [api, user()]) {
    const { data } = (await caller.query(getIntrospectionQuery())) as { data: IntrospectionQuery };
    const faults = validateSchema(buildClientSchema(data)).map(({ message }) => message);
    // names that GraphQL reserves are shown where a column bears them, which only strict checkers mind
    expect(faults.filter((fault) => !/must not begin with "__"/.test(fault))).toEqual([]);
    expect(faults.filter((fault) => /__typename/.test(fault))).toEqual([]);
  }
});

test('names as long as PostgreSQL has them', async () => {
  const other = `${longest.slice(0, 62)}y`;
  const key = 'k'.repeat(200);
  expect(
    await user().query(
      `{ ${longest}(where: {${longest}: {_eq: "long"}}, order_by: {${other}: asc}) { ${longest} ${other} ${key}: ${other} } ${key}: ${longest}_aggregate { aggregate { count } } }`,
    ),
  ).toEqual({
    data: {
      [longest]: [{ [longest]: 'long', [other]: 'other', [key]: 'other' }],
      [key]: { aggregate: { count: 1 } },
    },
  });
  expect(
    await user().query(
      `mutation { update_${longest}(where: {}, _set: {${other}: "changed"}) { returning { ${other} ${longest} } } }`,
    ),
  ).toEqual({
    data: { [`update_${longest}`]: { returning: [{ [other]: 'changed', [longest]: 'long' }] } },
  });
});

test('tables that GraphQL cannot name need a custom name', async () => {
  expect(await api.command('pg_track_table', { table: 'tëst' })).toMatchObject({
    status: 400,
    body: { error: expect.stringContaining('"tëst" is not a valid GraphQL identifier') },
  });
  expect(
    await user().query('{ my_table(where: {note: {_eq: "dashed"}}) { id } my_table_by_pk(id: 1) { note } }'),
  ).toEqual({
    data: { my_table: [{ id: 1 }], my_table_by_pk: { note: 'dashed' } },
  });
  const named = { table: 'tëst', configuration: { custom_name: 'bad name' } };
  expect((await api.command('pg_track_table', named)).status).toBe(400);
});

test.each<[string, JsonLike, string]>([
  ['bad name', { custom_name: 'bad name' }, 'custom_name'],
  ['1x', { custom_root_fields: { select: '1x' } }, 'custom_root_fields.select'],
  ['', { custom_root_fields: { insert: { name: '' } } }, 'custom_root_fields.insert.name'],
  ['a-b', { column_config: { id: { custom_name: 'a-b' } } }, 'column_config.id.custom_name'],
  ['a b', { custom_column_names: { id: 'a b' } }, 'custom_column_names.id'],
])('%j is no name in a configuration', async (name, configuration, place) => {
  expect(
    await api.command('pg_set_table_customization', {
      table: { schema: 'public', name: 'select' },
      configuration,
    }),
  ).toEqual({
    status: 400,
    body: {
      error: expect.stringContaining(`${name} is not valid GraphQL name`),
      path: `$.args.configuration.${place}`,
      code: 'parse-failed',
    },
  });
});

test('answers keep keys that JavaScript treats specially', async () => {
  const keys = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype', 'valueOf', 'then'];
  const text = await user().queryText(
    `{ ${keys.map((key) => `${key}: select_by_pk(id: 1) { ${key}: id }`).join(' ')} }`,
  );
  for (const key of keys) expect(text.replaceAll(' ', '')).toContain(`"${key}":{"${key}":1}`);
  expect(
    await user().query(
      'query ($__proto__: Int!, $constructor: Int!) { select(where: {_and: [{id: {_eq: $__proto__}}, {id: {_eq: $constructor}}]}) { id } }',
      JSON.parse('{"__proto__":1,"constructor":1}'),
    ),
  ).toEqual({ data: { select: [{ id: 1 }] } });
  for (const argument of ['__proto__', 'constructor', 'toString']) {
    expect(await user().query(`{ select(${argument}: 1) { id } }`)).toMatchObject({
      errors: [{ extensions: { code: 'validation-failed' } }],
    });
    expect(await user().query(`{ select { ${argument} } }`)).toMatchObject({
      errors: [{ extensions: { code: 'validation-failed' } }],
    });
    expect(await user().query(`{ ${argument} { id } }`)).toMatchObject({
      errors: [{ extensions: { code: 'validation-failed' } }],
    });
    expect(await user().query(`{ select(where: {${argument}: {_eq: 1}}) { id } }`)).toMatchObject({
      errors: [{ extensions: { code: 'validation-failed' } }],
    });
    expect(await user().query(`{ select(where: {id: {${argument}: 1}}) { id } }`)).toMatchObject({
      errors: [{ extensions: { code: 'validation-failed' } }],
    });
    expect(await user().query(`{ select(order_by: {${argument}: asc}) { id } }`)).toMatchObject({
      errors: [{ extensions: { code: 'validation-failed' } }],
    });
    expect(await user().query(`{ select @${argument} { id } }`)).toMatchObject({
      errors: [{ extensions: { code: 'validation-failed' } }],
    });
    expect(await user().query(`{ select { ...${argument} } }`)).toMatchObject({
      errors: [{ extensions: { code: 'validation-failed' } }],
    });
    expect(
      await user().query(`query ($a: ${argument}) { select(where: {id: {_eq: $a}}) { id } }`),
    ).toMatchObject({ errors: [{ extensions: { code: 'validation-failed' } }] });
    expect(
      await user().query(`mutation { insert_select_one(object: {id: 9, ${argument}: 1}) { id } }`),
    ).toMatchObject({ errors: [{ extensions: { code: 'validation-failed' } }] });
    expect(await api.as(argument).query('{ select { id } }')).toMatchObject({ errors: [{}] });
  }
});
