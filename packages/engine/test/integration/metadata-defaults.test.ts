/** HASURA_GRAPHQL_METADATA_DEFAULTS. Source: spec/metadata-api.md 2.6. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeDefaults } from '../../src/metadata/index.ts';
import { type Project, project } from '../support/project.ts';

let api: Project;
beforeAll(async () => {
  api = await project({
    tables: `create table t (id int primary key); insert into t values (1)`,
    metadata: [
      { table: 't', select_permissions: [{ role: 'one', permission: { columns: '*', filter: {} } }] },
    ],
    engine: {
      metadataDefaults: decodeDefaults({
        query_collections: [{ name: 'c', definition: { queries: [{ name: 'q', query: '{ t { id } }' }] } }],
        rest_endpoints: [
          {
            name: 'all',
            url: 'all',
            methods: ['GET'],
            definition: { query: { collection_name: 'c', query_name: 'q' } },
          },
        ],
        inherited_roles: [{ role_name: 'heir', role_set: ['one'] }],
      }),
    },
  });
});
afterAll(() => api?.close());

test('are in force', async () => {
  expect(await api.as('heir').query('{ t { id } }')).toEqual({ data: { t: [{ id: 1 }] } });
  expect(await (await api.as('heir').request('/api/rest/all')).json()).toEqual({ t: [{ id: 1 }] });
});

test('stay in force when the metadata changes, and give way to what is stored', async () => {
  const success = { status: 200, body: { message: 'success' } };
  expect(
    await api.command('add_inherited_role', { role_name: 'heir', role_set: ['one', 'two'] }),
  ).toMatchObject({
    status: 400,
  });
  expect(
    await api.command('pg_set_table_customization', { table: 't', configuration: { custom_name: 'ts' } }),
  ).toMatchObject({
    status: 400,
  });
  await api.command('create_query_collection', {
    name: 'c',
    definition: { queries: [{ name: 'q', query: '{ t { key: id } }' }] },
  });
  expect(await (await api.as('heir').request('/api/rest/all')).json()).toEqual({ t: [{ key: 1 }] });
  expect(await api.command('drop_query_collection', { collection: 'c', cascade: true })).toEqual(success);
  expect(await (await api.as('heir').request('/api/rest/all')).json()).toEqual({ t: [{ id: 1 }] });
});

test('are not exported', async () => {
  const { body } = await api.command('export_metadata', {});
  expect(Object.keys(body as object)).toEqual(['version', 'sources']);
});

test('that do not fit cannot be dropped', async () => {
  const engine = {
    metadataDefaults: decodeDefaults({ inherited_roles: [{ role_name: 'heir', role_set: ['nobody'] }] }),
  };
  const other = await project({ tables: 'create table t (id int primary key)', engine });
  try {
    expect(await other.command('drop_inconsistent_metadata', {})).toMatchObject({
      status: 400,
      body: {
        error: 'cannot continue due to new inconsistent metadata',
        path: '$.args',
        code: 'unexpected',
        internal: [{ type: 'inherited_role' }],
      },
    });
  } finally {
    await other.close();
  }
});
