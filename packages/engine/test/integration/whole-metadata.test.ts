/** Whole documents: whatever is in them comes back as it was. Source: spec/metadata-api.md 2, 3.7, 7.1. */
import { afterEach, expect, test } from 'vitest';
import { createEngine, type Engine } from '../../src/index.ts';
import { everyKey, everyKeyTables } from '../fixtures/every-key.ts';
import { type Project, project } from '../support/project.ts';

let api: Project | undefined;
let other: Engine | undefined;
afterEach(async () => {
  await other?.close();
  await api?.close();
  [api, other] = [undefined, undefined];
});

async function exported(from: Project): Promise<string> {
  const answer = await from.request('/v1/metadata', { type: 'export_metadata', args: {} });
  return answer.text();
}

/** The paths of all keys, lists counted as one place. */
function keysOf(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => keysOf(item, `${path}[]`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => [
    `${path}.${key}`,
    ...keysOf(member, `${path}.${key}`),
  ]);
}

test('a document with every key is exported, cleared and replaced without losing a byte', async () => {
  api = await project({ tables: everyKeyTables });
  const replace = (metadata: unknown) =>
    api?.request('/v1/metadata', {
      type: 'replace_metadata',
      version: 2,
      args: { metadata, allow_inconsistent_metadata: true },
    });
  expect((await replace(everyKey))?.status).toBe(200);
  const first = await exported(api);
  expect(new Set(keysOf(JSON.parse(first)))).toEqual(new Set(keysOf(everyKey)));
  expect((await api.command('clear_metadata', {})).status).toBe(200);
  expect(await exported(api)).not.toContain('author');
  expect((await replace(JSON.parse(first)))?.status).toBe(200);
  expect(await exported(api)).toBe(first);
  other = await createEngine({ databaseUrl: api.database.url, adminSecret: 'test-secret' });
  expect(await other.metadata.run({ type: 'export_metadata', args: {} })).toEqual(JSON.parse(first));
});

test('sources of other kinds that were stored are kept, exported and called inconsistent, and keep nothing from starting', async () => {
  api = await project({ tables: everyKeyTables, metadata: [{ table: 'author' }] });
  const foreign = [
    {
      name: 'big',
      kind: 'bigquery',
      tables: [{ table: { dataset: 'd', name: 't' }, logical_model: null }],
      configuration: { service_account: { from_env: 'KEY' }, project_id: '1.50', datasets: ['d'] },
    },
    { name: 'lite', kind: 'sqlite', tables: [{ table: ['Album'] }], configuration: { value: { db: '/x' } } },
    {
      name: 'ms',
      kind: 'mssql',
      tables: [{ table: { name: 't', schema: 'dbo' }, select_permissions: [] }],
      configuration: {
        connection_info: { connection_string: { from_env: 'MS' }, pool_settings: { max: 1 } },
      },
    },
  ];
  await api.sql`update hdb_catalog.hdb_metadata set resource_version = resource_version + 1, metadata =
    jsonb_set(metadata::jsonb, '{sources}', metadata::jsonb->'sources' || ${JSON.stringify(foreign)}::text::jsonb)::json`;
  other = await createEngine({ databaseUrl: api.database.url, adminSecret: 'test-secret' });
  const document = (await other.metadata.run({ type: 'export_metadata', args: {} })) as {
    sources: { name: string }[];
  };
  expect(document.sources.filter(({ name }) => name !== 'default')).toEqual(foreign);
  const { inconsistent_objects: faults } = (await other.metadata.run({
    type: 'get_inconsistent_metadata',
    args: {},
  })) as { inconsistent_objects: { name: string; reason: string }[] };
  expect(faults.map(({ name, reason }) => `${name}: ${reason}`).sort()).toEqual([
    'source big: Inconsistent object: sources of kind "bigquery" are not supported',
    'source lite: Inconsistent object: sources of kind "sqlite" are not supported',
    'source ms: Inconsistent object: sources of kind "mssql" are not supported',
  ]);
  await other.metadata.run({ type: 'pg_track_table', args: { table: 'article' } });
  const [stored] = await api.sql`select metadata->'sources' as sources from hdb_catalog.hdb_metadata`;
  const sources = stored?.['sources'] as { name: string; tables: unknown[] }[];
  expect(sources.slice(1)).toEqual(foreign);
  expect(sources[0]?.tables).toHaveLength(2);
  await other.metadata.run({ type: 'drop_inconsistent_metadata', args: {} });
  const left = (await other.metadata.run({ type: 'export_metadata', args: {} })) as typeof document;
  expect(left.sources.map(({ name }) => name)).toEqual(['default']);
});
