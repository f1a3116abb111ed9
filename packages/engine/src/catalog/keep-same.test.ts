import { expect, test } from 'vitest';
import { makeCatalog } from '../../test/support/catalog-fixture.ts';
import { keepSame } from './keep-same.ts';
import type { Catalog, CatalogTable } from './types.ts';

const known = makeCatalog({
  tables: {
    author: { columns: 'id int4!, name text' },
    article: { columns: 'id int4!, author_id int4, tags text[]', foreignKeys: { author_id: 'author.id' } },
  },
  functions: { label: { arguments: 'author_row author, n int4 default', returns: 'text' } },
});

/** Another catalogue, with a table edited. */
function readWith(edit: (table: CatalogTable) => CatalogTable): Catalog {
  const read = structuredClone(known);
  return { ...read, tables: new Map([...read.tables].map(([key, table]) => [key, edit(table)])) };
}

test('what says the same is what was there, in a catalogue of its own', () => {
  const kept = keepSame(
    known,
    readWith((table) => table),
  );
  expect(kept).not.toBe(known);
  expect(kept.tables).toBe(known.tables);
  expect(kept.functions).toBe(known.functions);
  expect(kept.types).toBe(known.types);
});

const edits: readonly [string, (table: CatalogTable) => CatalogTable][] = [
  [
    'another type',
    (table) => ({
      ...table,
      columns: table.columns.map((column) => ({ ...column, type: { ...column.type, oid: 1 } })),
    }),
  ],
  [
    'a column that may be null',
    (table) => ({ ...table, columns: table.columns.map((column) => ({ ...column, isNullable: true })) }),
  ],
  [
    'a column that knows its reference system',
    (table) => ({ ...table, columns: table.columns.map((column) => ({ ...column, srid: 4326 })) }),
  ],
  ['a column less', (table) => ({ ...table, columns: table.columns.slice(0, -1) })],
  ['no foreign key', (table) => ({ ...table, foreignKeys: [] })],
  ['no primary key', (table) => ({ ...table, primaryKey: null })],
  ['made anew under its name', (table) => ({ ...table, oid: table.oid + 1 })],
];

test.each(edits)('whatever differs, nothing is kept: %s', (_, edit) => {
  const read = readWith(edit);
  expect(keepSame(known, read)).toBe(read);
});

test('nor when there is another table, another function or another server', () => {
  const whole = readWith((table) => table);
  for (const read of [
    { ...whole, tables: new Map([...whole.tables].slice(1)) },
    { ...whole, tables: new Map([...whole.tables].toReversed()) },
    { ...whole, functions: new Map() },
    { ...whole, types: new Map() },
    { ...whole, serverVersion: 160_000 },
  ]) {
    expect(keepSame(known, read)).toBe(read);
  }
});
