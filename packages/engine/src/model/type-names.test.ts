import { expect, test } from 'vitest';
import { arrayOf, pgType } from '../../test/support/pg-types.ts';
import type { Catalog } from '../catalog/index.ts';
import { findType } from './type-names.ts';

const types = [
  ...['int4', 'text', 'varchar', 'bpchar', 'char', 'numeric', 'timestamptz', 'float8', 'mood'].map(pgType),
  arrayOf(pgType('int4')),
  { ...pgType('mood'), oid: 5, schema: 'app', sqlName: 'app.mood' },
  { ...pgType('tone'), oid: 6, schema: 'app', name: 'Tone', sqlName: 'app."Tone"' },
];
const catalog: Catalog = {
  serverVersion: 150_000,
  tables: new Map(),
  functions: new Map(),
  types: new Map(types.map((type) => [type.oid, type])),
};

test.each([
  ['int4', 'int4'],
  [' INTEGER ', 'int4'],
  ['int', 'int4'],
  ['serial', 'int4'],
  ['int[]', '_int4'],
  ['integer[3]', '_int4'],
  ['varchar(20)', 'varchar'],
  ['character varying', 'varchar'],
  ['char', 'bpchar'],
  ['"char"', 'char'],
  ['decimal(10, 2)', 'numeric'],
  ['timestamp(3) with time zone', 'timestamptz'],
  ['timestamp  with time zone', 'timestamptz'],
  ['double precision', 'float8'],
  ['mood', 'public.mood'],
  ['app.mood', 'app.mood'],
  ['Tone', 'app.Tone'],
  ['nothing', null],
  ['text[]', null],
])('%s is %s', (written, expected) => {
  const type = findType(catalog, written);
  const name = type === null || type.schema === 'pg_catalog' ? type?.name : `${type.schema}.${type.name}`;
  expect(name?.replace('public._', '_') ?? null).toBe(expected);
});
