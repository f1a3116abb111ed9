/** Inputs that once made the engine say that it was at fault; found by `npm run fuzz`. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { documentOf, type Project, project } from '../support/project.ts';

let api: Project;
beforeAll(async () => {
  api = await project({ tables: 'create table notes (id int primary key)', metadata: [{ table: 'notes' }] });
});
afterAll(() => api?.close());

test.each([{ _exists: { _table: 'notes' } }, [[]], 5, null])(
  'a table in _exists that is %j',
  async (table) => {
    const permission = { columns: '*', filter: { _exists: { _table: table, _where: {} } } };
    const { status, body } = await api.command('pg_create_select_permission', {
      source: 'default',
      table: 'notes',
      role: 'user',
      permission,
    });
    expect([status, body]).toMatchObject([
      400,
      {
        error: `Inconsistent object: in table "notes": in permission for role "user": table "${JSON.stringify(table)}" does not exist`,
        code: 'invalid-configuration',
      },
    ]);
  },
);

test.each([{ schema: 'public' }, [3], '3'])('metadata of version %j', async (version) => {
  expect(await api.command('replace_metadata', { ...documentOf([]), version })).toMatchObject({
    status: 400,
    body: { error: `expected 1, 2 or 3, encountered ${JSON.stringify(version)}`, code: 'parse-failed' },
  });
});

test.each(['constructor', '__proto__', 'toString'])('the environment has no variable %s', async (name) => {
  const connection = { connection_info: { database_url: { from_env: name } } };
  expect(await api.command('pg_add_source', { name: 'other', configuration: connection })).toMatchObject({
    status: 400,
    body: { error: `Inconsistent object: environment variable '${name}' not set` },
  });
});

test.each([
  ['half of a surrogate pair', '\ud800', 'invalid input syntax for type json'],
  ['a NUL', 'a\u0000', 'unsupported Unicode escape sequence'],
])('%s in the state of a client', async (_what, text, error) => {
  expect(await api.command('set_catalog_state', { type: 'cli', state: { text } })).toEqual({
    status: 400,
    body: { error, path: '$.args.state', code: 'data-exception' },
  });
});
