/**
 * Whether PostgreSQL refuses a client's value must not depend on rows that the client does not see. It may look at a condition of the client before the rule's own, above all when
 * the rule asks for related rows, and with plans that are made before the values are known.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type JsonLike, type Project, project, sourceOf } from '../support/project.ts';

const openEscape = 'LIKE pattern must not end with escape character';
const openBracket = 'invalid regular expression: parentheses () not balanced';

let api: Project;
beforeAll(async () => {
  const source = sourceOf([
    {
      table: 'person',
      computed_fields: ['share', 'shares'].map((name) => ({
        name,
        definition: { function: { schema: 'public', name } },
      })),
      array_relationships: [
        {
          name: 'badges',
          using: {
            foreign_key_constraint_on: { table: { schema: 'public', name: 'badge' }, column: 'person' },
          },
        },
      ],
      select_permissions: [
        {
          role: 'visitor',
          permission: {
            columns: ['id', 'name', 'rank', 'data'],
            computed_fields: ['share'],
            filter: { badges: {} },
          },
        },
        { role: 'colleague', permission: { columns: ['id', 'name'], filter: {} } },
      ],
      update_permissions: [{ role: 'visitor', permission: { columns: ['name'], filter: { badges: {} } } }],
      delete_permissions: [{ role: 'visitor', permission: { filter: { badges: {} } } }],
    },
    {
      table: 'badge',
      object_relationships: [{ name: 'owner', using: { foreign_key_constraint_on: 'person' } }],
      select_permissions: [{ role: 'visitor', permission: { columns: ['id'], filter: {} } }],
    },
  ]);
  const connection = { ...source.configuration.connection_info, use_prepared_statements: true };
  api = await project({
    tables: `
      create table person (id int primary key, name text not null, rank int, data jsonb default '{"a": "x"}');
      create table badge (id int primary key, person int not null references person);
      create function share(person) returns int language sql stable as $$ select 12 / (2 - $1.rank) $$;
      create function shares(person) returns setof badge language sql stable as $$ select 12 / (2 - $1.rank), $1.id $$;
      insert into person values (1, 'Ann', 1), (2, 'Cyd', 2);
      insert into badge values (1, 1);
      do $$ begin execute format('alter database %I set plan_cache_mode = force_generic_plan', current_database()); end $$`,
    metadata: { sources: [{ ...source, configuration: { connection_info: connection } }] },
  });
});
afterAll(() => api?.close());

/** The same question about a name that is there, but hidden, and about one that nobody has. */
async function answers(document: string, variables: { readonly [name: string]: JsonLike }, role = 'visitor') {
  const ask = (name: string) => api.as(role).queryText(document, { ...variables, name });
  return [await ask('Cyd'), await ask('Zoe')] as const;
}

describe.each([
  ['_regex', '('],
  ['_iregex', '('],
  ['_nregex', '('],
  ['_niregex', '('],
  ['_similar', '('],
  ['_nsimilar', '('],
])('a pattern that cannot be read: %s', (operator, pattern) => {
  const where = `{_or: [{id: {_eq: -1}}, {name: {_eq: $name}, _and: [{name: {${operator}: $pattern}}]}]}`;
  const head = '($name: String!, $pattern: String!)';
  const refusal = expect.stringContaining(openBracket);

  test.each([
    ['a list', `query ${head} { person(where: ${where}) { id } }`],
    ['two root fields', `query ${head} { badge { id } person(where: ${where}) { id } }`],
    ['a related row', `query ${head} { badge(where: {owner: ${where}}) { id } }`],
    ['rows below', `query ${head} { badge { owner { badges(where: {owner: ${where}}) { id } } } }`],
    ['an update', `mutation ${head} { update_person(where: ${where}, _set: {name: "x"}) { affected_rows } }`],
    [
      'what is returned',
      `mutation ${head} { update_person(where: {}, _set: {name: "Ann"}) { returning { badges(where: {owner: ${where}}) { id } } } }`,
    ],
    ['a deletion', `mutation ${head} { delete_person(where: ${where}) { affected_rows } }`],
  ])('%s', async (_where, document) => {
    const [hidden, unknown] = await answers(document, { pattern });
    expect(hidden).toEqual(refusal);
    expect(unknown).toEqual(hidden);
  });

  test('a page', async () => {
    const document = `query ${head} { person_connection(where: ${where}) { edges { node { name } } } }`;
    const ask = async (name: string) => {
      const body = { query: document, variables: { name, pattern } };
      return (await api.as('visitor').request('/v1beta1/relay', body)).text();
    };
    expect(await ask('Cyd')).toEqual(refusal);
    expect(await ask('Zoe')).toEqual(await ask('Cyd'));
  });
});

describe('a function that fails on a hidden row is not called there', () => {
  test.each([
    ['in a list', `query ($name: String!) { person(where: {name: {_eq: $name}, share: {_eq: 1}}) { id } }`],
    [
      'where null',
      `query ($name: String!) { person(where: {name: {_eq: $name}, share: {_is_null: true}}) { id } }`,
    ],
    [
      'among others',
      `query ($name: String!) { person(where: {name: {_eq: $name}, _or: [{id: {_eq: 7}}, {_not: {share: {_gt: 1}}}]}) { id } }`,
    ],
    [
      'of rows',
      `query ($name: String!) { person(where: {name: {_eq: $name}, shares: {id: {_eq: 1}}}) { id } }`,
    ],
    [
      'of a related row',
      `query ($name: String!) { badge(where: {owner: {name: {_eq: $name}, share: {_eq: 1}}}) { id } }`,
    ],
    [
      'below a related row',
      `query ($name: String!) { badge { owner { badges(where: {owner: {name: {_eq: $name}, share: {_eq: 1}}}) { id } } } }`,
    ],
    [
      'in an update',
      `mutation ($name: String!) { update_person(where: {name: {_eq: $name}, share: {_eq: 1}}, _set: {name: "x"}) { affected_rows } }`,
    ],
    [
      'in a deletion',
      `mutation ($name: String!) { delete_person(where: {name: {_eq: $name}, share: {_eq: 1}}) { affected_rows } }`,
    ],
  ])('%s', async (_where, document) => {
    const [hidden, unknown] = await answers(document, {});
    expect(unknown).not.toContain('errors');
    expect(hidden).toEqual(unknown);
  });

  test('in the order of a page', async () => {
    const after = Buffer.from(JSON.stringify({ share: 1, id: 1 })).toString('base64');
    const query = `query ($name: String!) { person_connection(where: {name: {_eq: $name}}, order_by: {share: asc}, after: "${after}") { pageInfo { hasPreviousPage } edges { node { id } } } }`;
    const ask = async (name: string) =>
      (await api.as('visitor').request('/v1beta1/relay', { query, variables: { name } })).text();
    const unknown = await ask('Zoe');
    expect(unknown).not.toContain('errors');
    expect(await ask('Cyd')).toEqual(unknown);
  });

  // only a text at `a` is read as this makes no sense
  const path = '$.a.datetime("zzz")';
  test.each(['_jsonb_path_exists', '_jsonb_path_match'])('nor is a path tried: %s', async (operator) => {
    const document = `query ($name: String!, $path: String!) { person(where: {name: {_eq: $name}, data: {${operator}: $path}}) { id } }`;
    const [hidden, unknown] = await answers(document, { path });
    expect(unknown).not.toContain('errors');
    expect(hidden).toEqual(unknown);
    expect(await api.as('visitor').query(document, { name: 'Ann', path })).toMatchObject({ errors: [{}] });
  });

  test('and where it shows the row it is', async () => {
    const ask = (share: number) =>
      api.as('visitor').query(`{ person(where: {share: {_eq: ${share}}}) { id share } }`);
    expect(await ask(12)).toEqual({ data: { person: [{ id: 1, share: 12 }] } });
    expect(await ask(1)).toEqual({ data: { person: [] } });
  });
});

test.each(['_like', '_nlike', '_ilike', '_nilike'])(
  'a pattern that ends in an escape: %s',
  async (operator) => {
    const refused = { errors: [{ message: openEscape, extensions: { path: '$', code: 'bad-request' } }] };
    const ask = (pattern: string) =>
      api
        .as('visitor')
        .query(`query ($pattern: String!) { person(where: {name: {${operator}: $pattern}}) { id } }`, {
          pattern,
        });
    for (const pattern of ['Cy\\', 'Zo\\', '\\', '%\\\\\\']) expect(await ask(pattern)).toEqual(refused);
    expect(await ask('Cy\\\\')).not.toEqual(refused);
    const literal = (pattern: string) =>
      api.as('visitor').query(`{ person(where: {name: {${operator}: ${JSON.stringify(pattern)}}}) { id } }`);
    for (const pattern of ['Cy\\', 'Zo\\']) expect(await literal(pattern)).toEqual(refused);
    const old = await api.as('visitor').request('/v1/query', {
      type: 'select',
      args: { table: 'person', columns: ['id'], where: { name: { [operator]: 'Zo\\' } } },
    });
    expect(await old.json()).toMatchObject({ error: openEscape, code: 'bad-request' });
  },
);

test.each([
  ['of another type', { rank: 'x', id: 1 }],
  ['too large', { rank: 1e30, id: 1 }],
  ['with an object', { rank: {}, id: 1 }],
  ['with a key of another type', { rank: null, id: 'x' }],
])('a cursor that cannot be read: %s', async (_what, cursor) => {
  const after = Buffer.from(JSON.stringify(cursor)).toString('base64');
  const connection = `person_connection(where: {name: {_eq: $name}}, order_by: {rank: asc}, after: "${after}")`;
  const ask = async (name: string) => {
    const query = `query ($name: String!) { ${connection} { edges { node { name } } } }`;
    return (await api.as('visitor').request('/v1beta1/relay', { query, variables: { name } })).json();
  };
  expect(await ask('Cyd')).toMatchObject({ errors: [{ extensions: { code: 'data-exception' } }] });
  expect(await ask('Zoe')).toEqual(await ask('Cyd'));
});

test('patterns that can be read find what they found', async () => {
  const ask = (operator: string, pattern: string | null) =>
    api
      .as('colleague')
      .query(
        `query ($pattern: String) { person(where: {name: {${operator}: $pattern}}, order_by: {id: asc}) { id } }`,
        { pattern },
      );
  const found = (...ids: readonly number[]) => ({ data: { person: ids.map((id) => ({ id })) } });
  expect(await ask('_regex', '^C')).toEqual(found(2));
  expect(await ask('_niregex', '^c')).toEqual(found(1));
  expect(await ask('_similar', '(A|C)%')).toEqual(found(1, 2));
  expect(await ask('_nsimilar', 'A_{2}')).toEqual(found(2));
  expect(await ask('_ilike', 'c\\y%')).toEqual(found(2));
});

test('more patterns than a function has arguments', async () => {
  const patterns = Array.from({ length: 230 }, (_, index) => `{name: {_regex: "^(An){1,${index + 1}}n"}}`);
  expect(await api.as('colleague').query(`{ person(where: {_and: [${patterns}]}) { id } }`)).toEqual({
    data: { person: [{ id: 1 }] },
  });
});

describe('a comparison of which only the row decides whether there is any', () => {
  let odd: Project;
  let version = 0;
  beforeAll(async () => {
    const source = sourceOf([
      {
        table: 'thing',
        object_relationships: [{ name: 'owner', using: { foreign_key_constraint_on: 'person' } }],
        select_permissions: [
          {
            role: 'visitor',
            permission: { columns: '*', filter: { owner: { name: { _eq: 'X-Hasura-Name' } } } },
          },
        ],
        update_permissions: [
          {
            role: 'visitor',
            permission: { columns: ['note'], filter: { owner: { name: { _eq: 'X-Hasura-Name' } } } },
          },
        ],
        delete_permissions: [
          { role: 'visitor', permission: { filter: { owner: { name: { _eq: 'X-Hasura-Name' } } } } },
        ],
      },
      { table: 'person' },
    ]);
    odd = await project({
      tables: `
        create collation loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
        create type pair as (number int, document json);
        create domain documents as json[];
        create table person (id int primary key, name text not null);
        create table thing (id int primary key, person int not null references person, texts json[], more documents, spots point[], pair pair, name text collate loose, part int, note text);
        insert into person values (1, 'Ann'), (2, 'Cyd');
        insert into thing select id, id, array['{}'::json], array['{}'::json], array[point '(1, 1)'], row(1, '{}')::pair, 'x', 0 from generate_series(1, 2) as id`,
      metadata: { sources: [source] },
    });
    version = Number(
      (await odd.sql`select current_setting('server_version_num') as version`)[0]?.['version'],
    );
    if (version >= 180000) {
      await odd.runSql('alter table thing add share int generated always as (12 / part) virtual');
    }
  });
  afterAll(() => odd?.close());
  const visitor = () => odd.as('visitor', { 'x-hasura-name': 'Ann' });

  const conditions: readonly string[] = [
    'texts: {_eq: ["{}"]}',
    'texts: {_in: [["{}"]]}',
    'texts: {_contains: ["{}"]}',
    'more: {_neq: "{\\"{}\\"}"}',
    'spots: {_gt: "{\\"(1,1)\\"}"}',
    'pair: {_eq: "(1,{})"}',
    'name: {_regex: "x"}',
    'name: {_similar: "x"}',
    'share: {_eq: 1}',
    'share: {_is_null: true}',
  ];
  test.each(conditions)('%s', async (condition) => {
    if (condition.startsWith('share') && version < 180000) return;
    const ask = (id: number, document: (where: string) => string) =>
      visitor().query(document(`where: {id: {_eq: ${id}}, ${condition}}`));
    const list = (where: string) => `{ thing(${where}) { id } }`;
    expect(await ask(1, list)).toMatchObject({ errors: [{}] });
    expect(await ask(3, list)).toEqual({ data: { thing: [] } });
    expect(await ask(2, list)).toEqual({ data: { thing: [] } });
    for (const write of [
      (where: string) => `mutation { update_thing(${where}, _set: {note: "x"}) { affected_rows } }`,
      (where: string) => `mutation { delete_thing(${where}) { affected_rows } }`,
    ]) {
      const unknown = await ask(3, write);
      expect(unknown).toMatchObject({ data: {} });
      expect(await ask(2, write)).toEqual(unknown);
    }
  });

  test('with a column beside it', async () => {
    if (version < 180000) return;
    const ask = async (id: number) => {
      const where = { id: { $eq: id }, part: { $ceq: 'share' } };
      const body = { type: 'select', args: { table: 'thing', columns: ['id'], where } };
      return (await visitor().request('/v1/query', body)).json();
    };
    expect(await ask(3)).toEqual([]);
    expect(await ask(2)).toEqual([]);
    expect(await ask(1)).toMatchObject({ error: expect.anything() });
  });

  test('with the cursor of a page', async () => {
    if (version < 180000) return;
    const after = Buffer.from(JSON.stringify({ share: 1, id: 1 })).toString('base64');
    const ask = async (id: number) => {
      const query = `{ thing_connection(where: {id: {_eq: ${id}}}, order_by: {share: asc}, after: "${after}") { edges { cursor } } }`;
      return (await visitor().request('/v1beta1/relay', { query })).json();
    };
    const unknown = await ask(3);
    expect(unknown).toMatchObject({ data: {} });
    expect(await ask(2)).toEqual(unknown);
  });
});

describe('shapes', () => {
  let places: Project;
  let hasPostgis = true;
  beforeAll(async () => {
    places = await project();
    try {
      await places.database.sql(`
        create extension postgis;
        create table place (id int primary key, name text unique, spot geometry(Point, 4326), area geography(Point, 4326), any_spot geometry, ground geometry(Geometry, 4326));
        create table visit (place int not null references place);
        insert into place select 1, 'Inn', shape, shape::geography, shape, st_buffer(shape, 5) from st_setsrid(st_point(1, 2), 4326) as shape;
        insert into place select 2, 'Den', shape, shape::geography, shape, st_buffer(shape, 5) from st_setsrid(st_point(3, 4), 4326) as shape;
        insert into place select number, 'Inn ' || number, st_setsrid(st_point(number % 90, number % 80), 4326) from generate_series(3, 1000) as number;
        create index place_spots on place using gist (spot);
        insert into visit select number from generate_series(1, 1000) as number where number <> 2;
        analyze`);
    } catch {
      hasPostgis = false;
      return;
    }
    await places.command('pg_track_table', { table: 'place' });
    await places.command('pg_track_table', { table: 'visit' });
    await places.command('pg_create_array_relationship', {
      table: 'place',
      name: 'visits',
      using: { foreign_key_constraint_on: { table: 'visit', column: 'place' } },
    });
    const permission = { columns: '*', filter: { visits: {} } };
    await places.command('pg_create_select_permission', { table: 'place', role: 'visitor', permission });
  });
  afterAll(() => places?.close());

  const point = (crs: string | null) => ({
    type: 'Point',
    coordinates: [1, 2],
    ...(crs === null ? {} : { crs: { type: 'name', properties: { name: crs } } }),
  });
  const ask = (condition: string, name: string, shape: JsonLike, type = 'geometry') =>
    places
      .as('visitor')
      .query(
        `query ($name: String!, $shape: ${type}!) { place(where: {name: {_eq: $name}, ${condition}}) { id } }`,
        { name, shape },
      );

  test.each([
    ['geometry', 'spot: {_st_contains: $shape}', 'EPSG:3857'],
    ['geometry', 'spot: {_st_intersects: $shape}', 'EPSG:3857'],
    ['geometry', 'spot: {_st_d_within: {distance: 1, from: $shape}}', 'EPSG:3857'],
    ['geometry', 'spot: {_st_3d_d_within: {distance: 1, from: $shape}}', 'EPSG:3857'],
    ['geography', 'area: {_st_intersects: $shape}', 'EPSG:4269'],
    ['geography', 'area: {_st_d_within: {distance: 1, from: $shape}}', 'EPSG:4269'],
  ])('of another reference system than the column: %s, %s', async (type, condition, crs) => {
    if (!hasPostgis) return;
    const hidden = await ask(condition, 'Den', point(crs), type);
    expect(hidden).toMatchObject({ errors: [{ extensions: { path: '$' } }] });
    expect(await ask(condition, 'Zoo', point(crs), type)).toEqual(hidden);
    expect(await ask(condition, 'Inn', point(null), type)).toEqual({ data: { place: [{ id: 1 }] } });
    expect(await ask(condition, 'Den', point(null), type)).toEqual({ data: { place: [] } });
  });

  test('in a column that takes those of any reference system', async () => {
    if (!hasPostgis) return;
    const condition = 'any_spot: {_st_d_within: {distance: 1, from: $shape}}';
    const unknown = await ask(condition, 'Zoo', point('EPSG:3857'));
    expect(unknown).toEqual({ data: { place: [] } });
    expect(await ask(condition, 'Den', point('EPSG:3857'))).toEqual(unknown);
    expect(await ask(condition, 'Inn', point('EPSG:3857'))).toMatchObject({ errors: [{}] });
    expect(await ask(condition, 'Inn', point(null))).toEqual({ data: { place: [{ id: 1 }] } });
  });

  // PostGIS follows the lines of shapes whose bounding boxes meet, and fails where they cross
  test.each(['_st_crosses', '_st_overlaps', '_st_touches'])('that cross themselves: %s', async (operator) => {
    if (!hasPostgis) return;
    const square = (from: number, to: number) => [
      [
        [from, from],
        [to, from],
        [to, to],
        [from, to],
        [from, from],
      ],
    ];
    const shape = { type: 'MultiPolygon', coordinates: [square(0, 8), square(2, 12)] };
    const condition = `ground: {${operator}: $shape}`;
    const unknown = await ask(condition, 'Zoo', shape);
    expect(unknown).toEqual({ data: { place: [] } });
    expect(await ask(condition, 'Den', shape)).toEqual(unknown);
    expect(await ask(condition, 'Inn', shape)).toMatchObject({ errors: [{}] });
  });

  test('an index on shapes leads to those whose bounding boxes meet, though the condition waits for the rule', async () => {
    if (!hasPostgis) return;
    const query = `query ($shape: geometry!) { place(where: {spot: {_st_intersects: $shape}}) { id } }`;
    const body = {
      user: { 'x-hasura-role': 'visitor' },
      query: { query, variables: { shape: { type: 'Point', coordinates: [1, 2] } } },
    };
    const explained = await (await places.request('/v1/graphql/explain', body)).json();
    expect(explained).toMatchObject([
      { plan: expect.arrayContaining([expect.stringContaining('Index Scan')]) },
    ]);
    expect(JSON.stringify(explained)).toMatch(/(?:Bitmap )?Index Scan (?:using|on) place_spots/);
  });
});
