import { afterAll, beforeAll, expect, test } from 'vitest';
import { graphqlError, type JsonLike, type Project, project } from '../support/project.ts';

const refused = graphqlError('validation-failed', '$', 'query is not allowed');

const metadata = (allowlist: readonly JsonLike[]) => ({
  sources: [
    {
      name: 'default',
      kind: 'postgres',
      tables: [
        {
          table: { schema: 'public', name: 'notes' },
          select_permissions: ['user', 'editor'].map((role) => ({
            role,
            permission: { columns: ['id', 'text'], filter: {} },
          })),
        },
      ],
      configuration: { connection_info: { database_url: { from_env: 'HASURA_GRAPHQL_DATABASE_URL' } } },
    },
  ],
  query_collections: [
    {
      name: 'for_all',
      definition: {
        queries: [
          { name: 'texts', query: 'query Texts { notes { id text } }' },
          { name: 'ids', query: '{ notes { ...f } } fragment f on notes { id }' },
          { name: 'both', query: 'query a { notes { id } } query b { notes { text } }' },
          { name: 'live', query: 'subscription { notes { id } }' },
        ],
      },
    },
    {
      name: 'for_editors',
      definition: { queries: [{ name: 'by_id', query: '{ notes_by_pk(id: 1) { id } }' }] },
    },
    { name: 'for_nobody', definition: { queries: [{ name: 'x', query: '{ notes { text } }' }] } },
  ],
  allowlist,
});

const allowlist = [
  { collection: 'for_all', scope: { global: true } },
  { collection: 'for_editors', scope: { global: false, roles: ['editor'] } },
];

const tables = `create table notes (id int primary key, text text); insert into notes values (1, 'a')`;

let api: Project;
let withRoles: Project;
beforeAll(async () => {
  api = await project({ tables, metadata: metadata(allowlist), engine: { enableAllowlist: true } });
  withRoles = await project({
    tables,
    metadata: metadata(allowlist),
    engine: { enableAllowlist: true, allowlistRoleScopes: true },
  });
});
afterAll(async () => {
  await api?.close();
  await withRoles?.close();
});

const answer = { data: { notes: [{ id: 1, text: 'a' }] } };

test.each([
  ['as it is listed', 'query Texts { notes { id text } }'],
  ['with other spaces and comments', 'query Texts{notes{id,text #!\n}}'],
])('a listed query is answered %s', async (_how, query) => {
  expect(await api.as('user').query(query)).toEqual(answer);
});

test('__typename may be asked beside what is listed', async () => {
  expect(await api.as('user').query('query Texts { __typename notes { id __typename text } }')).toEqual({
    data: { __typename: 'query_root', notes: [{ id: 1, __typename: 'notes', text: 'a' }] },
  });
});

test.each([
  ['not listed', '{ notes { text } }'],
  ['in another order', 'query Texts { notes { text id } }'],
  ['under another name', 'query Others { notes { id text } }'],
  ['less than what is listed', 'query Texts { notes { id } }'],
  ['one operation of a listed document', 'query a { notes { id } }'],
  [
    'a listed operation with another beside it',
    'query Texts { notes { id text } } query b { notes { text } }',
  ],
  ['introspection', '{ __schema { queryType { name } } }'],
  ['only __typename', '{ __typename }'],
  ['what the role may not see anyway', '{ secrets { id } }'],
])('a query is refused: %s', async (_why, query) => {
  expect(await api.as('user').query(query)).toEqual(refused);
});

test('a document of several operations is compared as a whole', async () => {
  const document = 'query a { notes { id } } query b { notes { text } }';
  expect(await api.as('user').query(document, undefined, 'b')).toEqual({ data: { notes: [{ text: 'a' }] } });
});

test('what cannot be read is told so', async () => {
  expect(await api.as('user').query('{ notes')).toEqual(
    graphqlError('validation-failed', '$.query', 'not a valid graphql query'),
  );
});

test('the administrator asks what it likes', async () => {
  expect(await api.query('{ notes { text } }')).toEqual({ data: { notes: [{ text: 'a' }] } });
});

test('explain does not look at the list', async () => {
  const response = await api.request('/v1/graphql/explain', {
    user: { 'x-hasura-role': 'user' },
    query: { query: '{ notes { text } }' },
  });
  expect(response.status).toBe(200);
});

test('entries for roles count for these roles when they are switched on, for nobody else', async () => {
  const query = '{ notes_by_pk(id: 1) { id } }';
  expect(await withRoles.as('editor').query(query)).toEqual({ data: { notes_by_pk: { id: 1 } } });
  expect(await withRoles.as('user').query(query)).toEqual(refused);
  expect(await api.as('editor').query(query)).toEqual(refused);
});

test('the reason is internal', async () => {
  const developers = await project({
    tables,
    metadata: metadata([]),
    engine: { enableAllowlist: true, devMode: true },
  });
  expect(await developers.as('user').query('{ notes { id } }')).toMatchObject({
    errors: [{ extensions: { internal: { message: 'query is not in any of the allowlists' } } }],
  });
  await developers.close();
});

test('changes of lists and collections count at once', async () => {
  const query = '{ notes { text } }';
  const as = api.as('user');
  await api.command('add_collection_to_allowlist', { collection: 'for_nobody' });
  expect(await as.query(query)).toEqual({ data: { notes: [{ text: 'a' }] } });
  expect(await api.command('add_collection_to_allowlist', { collection: 'for_nobody' })).toEqual({
    status: 200,
    body: {
      message:
        'collection "for_nobody" already exists in the allowlist, scope ignored; to change scope, use update_scope_of_collection_in_allowlist',
    },
  });
  await api.command('drop_query_from_collection', { collection_name: 'for_nobody', query_name: 'x' });
  expect(await as.query(query)).toEqual(refused);
  await api.command('add_query_to_collection', { collection_name: 'for_nobody', query_name: 'x', query });
  await api.command('update_scope_of_collection_in_allowlist', {
    collection: 'for_nobody',
    scope: { global: false, roles: ['user'] },
  });
  expect(await as.query(query)).toEqual(refused);
  expect(
    await api.command('update_scope_of_collection_in_allowlist', {
      collection: 'for_nobody',
      scope: { global: false, roles: ['user', 'user'] },
    }),
  ).toMatchObject({ status: 400, body: { code: 'parse-failed', error: 'duplicate roles are not allowed' } });
  await api.command('drop_collection_from_allowlist', { collection: 'for_nobody' });
});
