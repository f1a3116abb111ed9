/** Every comparison operator, on a type that it is made for. A case whose extension the server lacks checks its statement only. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../src/database/index.ts';
import type { Table } from '../../src/permissions/index.ts';
import type { BooleanExpression } from '../../src/plan/index.ts';
import { renderSelects } from '../../src/sql/index.ts';
import { createTestDatabase, type TestDatabase } from '../support/index.ts';
import {
  bool,
  by,
  cell,
  cells,
  compare,
  float8,
  given,
  guarded,
  int4,
  jsonb,
  list,
  pgType,
  root,
  set,
  table,
  text,
  textArray,
} from '../support/plans.ts';
import { layOutSql } from './lay-out-sql.ts';

const citext = pgType('citext', 'citext', 'public');
const ltree = pgType('ltree', 'ltree', 'public');
const lquery = pgType('lquery', 'lquery', 'public');
const ltxtquery = pgType('ltxtquery', 'ltxtquery', 'public');
const geometry = pgType('geometry', 'geometry', 'public');
const geography = pgType('geography', 'geography', 'public');
const raster = pgType('raster', 'raster', 'public');
const uuid = pgType('uuid');

const plain = table('plain', { id: int4, name: text, tags: textArray, doc: jsonb, key: uuid });
const folded = table('folded', { id: int4, name: citext });
const tree = table('tree', { id: int4, path: ltree });
const place = table('place', { id: int4, shape: geometry, spot: geography });
const picture = table('picture', { id: int4, pixels: raster });

let created: TestDatabase;
let db: Database;
const available = new Set<string>();
beforeAll(async () => {
  created = await createTestDatabase();
  for (const extension of ['citext', 'ltree', 'postgis', 'postgis_raster']) {
    try {
      await created.sql(`create extension ${extension}`);
      available.add(extension);
    } catch {
      // this server does not have it
    }
  }
  await created.sql(`
    create table plain (id int primary key, name text, tags text[], doc jsonb, key uuid);
    insert into plain values
      (1, 'Ann%', '{a,b}', '{"a": 1, "b": {"c": 2}}', '00000000-0000-0000-0000-000000000001'),
      (2, 'bo', '{}', '["a", "x"]', null), (3, null, null, null, null)`);
  if (available.has('citext'))
    await created.sql(
      `create table folded (id int primary key, name citext); insert into folded values (1, 'Ann'), (2, 'BO')`,
    );
  if (available.has('ltree'))
    await created.sql(
      `create table tree (id int primary key, path ltree); insert into tree values (1, 'a'), (2, 'a.b'), (3, 'a.b.c'), (4, 'd')`,
    );
  if (available.has('postgis'))
    await created.sql(`create table place (id int primary key, shape geometry, spot geography);
      insert into place values (1, 'POINT(1 1)', 'POINT(1 1)'), (2, 'POLYGON((0 0, 4 0, 4 4, 0 4, 0 0))', 'POINT(2 2)'), (3, 'LINESTRING(0 0, 2 2)', null), (4, 'SRID=4326;POINT(9 9)', null)`);
  if (available.has('postgis_raster'))
    await created.sql(`create table picture (id int primary key, pixels raster);
      insert into picture values (1, st_addband(st_makeemptyraster(2, 2, 0, 2, 1), '8BUI'::text, 7)), (2, null)`);
  db = openDatabase({ url: created.url, maxConnections: 1 });
});
afterAll(async () => {
  await db.close();
  await created.drop();
});

/** One root field per condition; the answer is the list of ids that satisfy it. */
async function golden(
  name: string,
  of: Table,
  conditions: Readonly<Record<string, BooleanExpression>>,
  ...needs: readonly string[]
): Promise<void> {
  const statement = renderSelects(
    Object.entries(conditions).map(([key, where]) =>
      root(key, list(set(guarded(of), { where, orderBy: [by(cell(of, 'id'))] }), cells(of, 'id'))),
    ),
  );
  // one line per condition: the rest is the same in all of them
  const clauses = layOutSql(statement.text).match(/where .*/g) ?? [];
  await expect(`${clauses.join('\n')}\n`).toMatchFileSnapshot(`./operators/${name}/sql.txt`);
  if (needs.some((extension) => !available.has(extension))) return;
  const columns = await db.queryBytes({
    text: statement.text,
    parameters: statement.parameters.map((source) => (source.kind === 'literal' ? source.text : null)),
  });
  const lines = columns.map((bytes, index) => {
    const rows = JSON.parse(Buffer.concat(bytes ?? []).toString()) as { id: number }[];
    return `  ${JSON.stringify(statement.keys[index])}: [${rows.map(({ id }) => id).join(', ')}]`;
  });
  await expect(`{\n${lines.join(',\n')}\n}\n`).toMatchFileSnapshot(`./operators/${name}/answer.json`);
}

test('comparisons that every type has', () => {
  const id = cell(plain, 'id');
  const two = given('2', int4);
  return golden('comparable', plain, {
    eq: compare(id, 'eq', two),
    neq: compare(id, 'neq', two),
    gt: compare(id, 'gt', two),
    lt: compare(id, 'lt', two),
    gte: compare(id, 'gte', two),
    lte: compare(id, 'lte', two),
    in: compare(id, 'in', given('{1,3}', int4, { isArray: true })),
    nin: compare(id, 'nin', given('{1,3}', int4, { isArray: true })),
    nin_null: compare(id, 'nin', given('{1,NULL}', int4, { isArray: true })),
    uuid: compare(
      cell(plain, 'key'),
      'in',
      given('{00000000-0000-0000-0000-000000000001}', uuid, { isArray: true }),
    ),
    cast: compare({ kind: 'cast', operand: cell(plain, 'doc'), type: text }, 'like', given('%"x"%', text)),
  });
});

test('patterns', () => {
  const name = cell(plain, 'name');
  return golden('text', plain, {
    like: compare(name, 'like', given('A%', text)),
    nlike: compare(name, 'nlike', given('A%', text)),
    ilike: compare(name, 'ilike', given('B_', text)),
    nilike: compare(name, 'nilike', given('B_', text)),
    similar: compare(name, 'similar', given('(A|b)%', text)),
    nsimilar: compare(name, 'nsimilar', given('(A|x)%', text)),
    regex: compare(name, 'regex', given('^A', text)),
    nregex: compare(name, 'nregex', given('^A', text)),
    iregex: compare(name, 'iregex', given('^B', text)),
    niregex: compare(name, 'niregex', given('^B', text)),
  });
});

test('citext compares without regard to case', () => {
  const name = cell(folded, 'name');
  return golden(
    'citext',
    folded,
    {
      eq: compare(name, 'eq', given('ann', citext)),
      like: compare(name, 'like', given('b%', citext)),
      in: compare(name, 'in', given('{ANN,bo}', citext, { isArray: true })),
    },
    'citext',
  );
});

test('jsonb', () => {
  const doc = cell(plain, 'doc');
  return golden('jsonb', plain, {
    contains: compare(doc, 'contains', given('{"b": {"c": 2}}', jsonb)),
    contained: compare(doc, 'contained-in', given('["a", "x", "y"]', jsonb)),
    key: compare(doc, 'has-key', given('a', text)),
    any: compare(doc, 'has-keys-any', given('{x,b}', text, { isArray: true })),
    all: compare(doc, 'has-keys-all', given('{a,b}', text, { isArray: true })),
    path: compare(doc, 'json-path-exists', given('$.b ? (@.c > 1)', text)),
    match: compare(doc, 'json-path-match', given('$.b.c == 2', text)),
    eq: compare(doc, 'eq', given('["a","x"]', jsonb)),
  });
});

test('arrays', () => {
  const tags = cell(plain, 'tags');
  return golden('arrays', plain, {
    contains: compare(tags, 'contains', given('{a}', textArray)),
    contained: compare(tags, 'contained-in', given('{a,b,c}', textArray)),
    eq: compare(tags, 'eq', given('{}', textArray)),
    in: compare(tags, 'in', {
      kind: 'list',
      elements: [given('{}', textArray), given('{a,b}', textArray)],
      type: textArray,
    }),
    nin: compare(tags, 'nin', { kind: 'list', elements: [given('{}', textArray)], type: textArray }),
  });
});

test('ltree', () => {
  const path = cell(tree, 'path');
  return golden(
    'ltree',
    tree,
    {
      ancestor: compare(path, 'ancestor', given('a.b', ltree)),
      ancestor_any: compare(path, 'ancestor-any', given('{a.b,d}', ltree, { isArray: true })),
      descendant: compare(path, 'descendant', given('a.b', ltree)),
      descendant_any: compare(path, 'descendant-any', given('{a.b.c,d}', ltree, { isArray: true })),
      matches: compare(path, 'matches', given('a.*{1}', lquery)),
      matches_any: compare(path, 'matches-any', given('{"*.c",d}', lquery, { isArray: true })),
      fulltext: compare(path, 'matches-fulltext', given('b & !c', ltxtquery)),
    },
    'ltree',
  );
});

const square = given('{"type":"Polygon","coordinates":[[[0,0],[3,0],[3,3],[0,3],[0,0]]]}', geometry, {
  input: 'geojson',
});
const point = given('POINT(1 1)', geometry);

test('geometry', () => {
  const shape = cell(place, 'shape');
  // rows of another reference system would fail
  const here = (condition: BooleanExpression): BooleanExpression => ({
    kind: 'and',
    operands: [compare(cell(place, 'id'), 'lt', given('4', int4)), condition],
  });
  const squareHere = given('POLYGON((0 0, 3 0, 3 3, 0 3, 0 0))', geometry);
  const near = { kind: 'distance' as const, from: point, distance: given('0.5', float8), useSpheroid: null };
  return golden(
    'geometry',
    place,
    {
      contains: here(compare(shape, 'st-contains', point)),
      crosses: here(compare(shape, 'st-crosses', given('LINESTRING(0 2, 2 0)', geometry))),
      equals: here(compare(shape, 'st-equals', point)),
      overlaps: here(compare(shape, 'st-overlaps', given('POLYGON((3 3, 5 3, 5 5, 3 5, 3 3))', geometry))),
      touches: here(compare(shape, 'st-touches', given('POINT(4 2)', geometry))),
      within: here(compare(shape, 'st-within', squareHere)),
      intersects: here(compare(shape, 'st-intersects', squareHere)),
      intersects_3d: here(compare(shape, 'st-3d-intersects', point)),
      d_within: here(compare(shape, 'st-d-within', near)),
      d_within_3d: here(compare(shape, 'st-3d-d-within', near)),
      geojson: compare(
        shape,
        'eq',
        given('{"type":"Point","coordinates":[9,9]}', geometry, { input: 'geojson' }),
      ),
      in: compare(shape, 'in', {
        kind: 'list',
        elements: [square, given('{"type":"Point","coordinates":[9,9]}', geometry, { input: 'geojson' })],
        type: geometry,
      }),
    },
    'postgis',
  );
});

test('geography', () => {
  const spot = cell(place, 'spot');
  const from = given('{"type":"Point","coordinates":[1,1]}', geography, { input: 'geojson' });
  return golden(
    'geography',
    place,
    {
      intersects: compare(spot, 'st-intersects', from),
      d_within: compare(spot, 'st-d-within', {
        kind: 'distance',
        from,
        distance: given('1000', float8),
        useSpheroid: given('false', bool),
      }),
      cast: compare(
        { kind: 'cast', operand: spot, type: geometry },
        'st-equals',
        given('{"type":"Point","coordinates":[2,2]}', geometry, { input: 'geojson' }),
      ),
    },
    'postgis',
  );
});

test('raster', () => {
  const pixels = cell(picture, 'pixels');
  const corner = given('POINT(1 1)', geometry);
  const band = { kind: 'raster-band' as const, geometry: corner, band: given('1', int4) };
  const hex = given(
    '0100000100000000000000F03F000000000000F0BF00000000000000000000000000000040000000000000000000000000000000000000000002000200040007070707',
    raster,
    { input: 'raster-hex' },
  );
  return golden(
    'raster',
    picture,
    {
      nband_geom: compare(pixels, 'st-intersects-nband-geom', band),
      geom_nband: compare(pixels, 'st-intersects-geom-nband', band),
      geom: compare(pixels, 'st-intersects-geom-nband', { ...band, band: null }),
      rast: compare(pixels, 'st-intersects-rast', hex),
    },
    'postgis_raster',
  );
});

test('output of geometries', async () => {
  const statement = renderSelects([
    root(
      'place',
      list(set(guarded(place), { orderBy: [by(cell(place, 'id'))] }), [
        { key: 'shape', kind: 'value', operand: cell(place, 'shape'), jsonPath: null, format: 'geojson' },
        { key: 'spot', kind: 'value', operand: cell(place, 'spot'), jsonPath: null, format: 'geojson' },
      ]),
    ),
  ]);
  await expect(layOutSql(statement.text)).toMatchFileSnapshot('./operators/geojson/sql.txt');
  if (!available.has('postgis')) return;
  const [bytes] = await db.queryBytes({ text: statement.text, parameters: [] });
  await expect(`${Buffer.concat(bytes ?? []).toString()}\n`).toMatchFileSnapshot(
    './operators/geojson/answer.json',
  );
});
