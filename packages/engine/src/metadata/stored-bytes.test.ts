import { expect, test } from 'vitest';
import { type Json, parseJson, stringifyJson } from '../support/index.ts';
import { decodeMetadata, exportMetadata, storedForm } from './document.ts';
import { readStored, storedBytes } from './stored-bytes.ts';
import type { Metadata, TableMetadata } from './types.ts';

const textOf = (metadata: Metadata) => Buffer.concat(storedBytes(metadata)).toString();
const canonical = (metadata: Metadata) => stringifyJson(storedForm(metadata));

/** As it comes from the database, in pieces of the given size. */
function read(text: string, size = 1000): Metadata {
  const bytes = Buffer.from(text);
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
  return readStored(pieces);
}

const configuration = { connection_info: { database_url: { from_env: 'URL' } } };

function document(sources: Readonly<Record<string, readonly string[]>>): Metadata {
  return decodeMetadata({
    version: 3,
    sources: Object.entries(sources).map(([name, tables]) => ({
      name,
      kind: 'postgres',
      tables: tables.map((table) => ({
        table: { schema: 'public', name: table },
        select_permissions: ['r1', 'r2'].map((role) => ({
          role,
          permission: { columns: ['id', 'ü'], filter: { id: { _eq: `ß ${table}` } } },
        })),
      })),
      configuration,
    })),
    inherited_roles: [{ role_name: 'heir', role_set: ['r1', 'r2'] }],
  });
}

function changeTable(
  metadata: Metadata,
  name: string,
  change: (table: TableMetadata) => TableMetadata[],
): Metadata {
  return {
    ...metadata,
    sources: metadata.sources.map((source) => ({
      ...source,
      tables: source.tables.flatMap((table) => (table.table.name === name ? change(table) : [table])),
    })),
  };
}

const many = Array.from({ length: 2000 }, (_, index) => `t${index}`);

test.each([
  ['nothing', {}],
  ['no table', { default: [] }],
  ['one table', { default: ['a'] }],
  [
    'names that need quoting, and more than a byte for a character',
    { 'a "b"': ['é', 'a"b', '\u{1f600}', 'z'], ü: ['é', 'a'] },
  ],
  ['the same tables in two sources', { one: ['a', 'b', 'c'], other: ['a', 'b', 'c'] }],
  ['many tables', { default: many }],
])('%s: the text of the stored form, fresh, kept and read', (_what, sources) => {
  const metadata = document(sources);
  const text = canonical(metadata);
  expect(textOf(metadata)).toBe(text);
  expect(textOf(metadata)).toBe(text);
  const again = read(text);
  expect(canonical(again)).toBe(text);
  expect(textOf(again)).toBe(text);
});

test('changes in turn, each on what the last one has stored or kept', () => {
  let metadata = read(canonical(document({ default: ['b', 'd', 'é'], other: ['b', 'x'] })));
  const named = (name: string): TableMetadata => ({ table: { schema: 'public', name } });
  const changes: ((before: Metadata) => Metadata)[] = [
    (before) => changeTable(before, 'd', (table) => [{ ...table, is_enum: true }]),
    (before) => changeTable(before, 'b', (table) => [table, named('a'), named('c')]),
    (before) => changeTable(before, 'b', () => []),
    (before) => changeTable(before, 'é', (table) => [{ ...table, select_permissions: [] }, named('zz')]),
    (before) => read(textOf(before), 7),
    (before) => ({ ...before, sources: before.sources.toReversed() }),
    (before) => ({ ...before, sources: before.sources.slice(0, 1) }),
    (before) => changeTable(before, 'x', () => [named('x')]),
  ];
  for (const change of changes) {
    metadata = change(metadata);
    expect(textOf(metadata)).toBe(canonical(metadata));
    expect(canonical(read(textOf(metadata)))).toBe(canonical(metadata));
  }
});

test('tables that nobody has changed are one piece, before and after a change', () => {
  const metadata = read(canonical(document({ default: many })));
  expect(storedBytes(metadata)).toHaveLength(3);
  const changed = changeTable(metadata, 't1000', (table) => [{ ...table, is_enum: true }]);
  expect(storedBytes(changed)).toHaveLength(5);
  expect(storedBytes(document({ default: many })).length).toBeLessThan(10);
});

test('what others have stored means the same when it is stored again, however it is written', () => {
  const text = `
    { "version" : 3, "sources": [ {"kind":"postgres","name":"default" , "tables" : [
        {"table":{"schema":"public","name":"z"},"is_enum":false, "later" : { "a": 1.50 } }
      , {"select_permissions":[{"role":"r","permission":{"filter":{"a":{"_eq":1e400},"2":{},"1":{}},"columns":"*"}}],"table":"y"},
        {"table":{"name":"x","schema":"public"},"table":{"name":"w","schema":"public"}}, {"table":"twice","is_enum":true}, {"table":"twice"},\t{"table":{"schema":"public","name":"é"}} ],
      "configuration":${JSON.stringify(configuration)} } ] }`;
  const metadata = read(text, 10);
  const before = exportMetadata(metadata);
  const once = textOf(metadata);
  expect(exportMetadata(read(once))).toEqual(before);
  for (const part of ['1.50', '1e400', '"2":{},"1":{}']) expect(once).toContain(part);
  const changed = changeTable(metadata, 'z', (table) => [{ ...table, is_enum: true }]);
  const stored = parseJson(textOf(changed)) as { readonly sources: readonly { readonly tables: Json }[] };
  expect(stringifyJson(stored.sources[0]?.tables ?? null)).toContain('"is_enum":true');
  expect(exportMetadata(read(textOf(changed)))).toEqual(exportMetadata(changed));
});

test('what is no metadata is refused as it always was', () => {
  expect(() => read('{"version":3}')).toThrow("the key 'sources' was not present");
  expect(() => read('{"version":3,"sources":[')).toThrow(SyntaxError);
});
