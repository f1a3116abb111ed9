import { afterAll, beforeAll, expect, test } from 'vitest';
import { graphqlError, type Project, project } from '../support/project.ts';

let api: Project;
beforeAll(async () => {
  api = await project({
    tables: `
      create table notes (id int primary key, owner int, text text);
      insert into notes values (1, 1, 'a'), (2, 2, 'b')`,
    metadata: [
      {
        table: 'notes',
        select_permissions: [
          {
            role: 'user',
            permission: { columns: ['id'], filter: { owner: { _eq: 'X-Hasura-User-Id' } } },
          },
        ],
      },
    ],
  });
});
afterAll(() => api?.close());

test('a user sees own rows', async () => {
  const user = api.as('user', { 'x-hasura-user-id': 1 });
  expect(await user.query('{ notes { id } }')).toEqual({ data: { notes: [{ id: 1 }] } });
  expect(await user.query('{ notes { id text } }')).toEqual(
    graphqlError(
      'validation-failed',
      '$.selectionSet.notes.selectionSet.text',
      "field 'text' not found in type: 'notes'",
    ),
  );
  expect(await api.query('{ notes(where: {id: {_eq: 2}}) { text } }')).toEqual({
    data: { notes: [{ text: 'b' }] },
  });
  expect(await api.sql`select text from notes where id = ${2}`).toEqual([{ text: 'b' }]);
});
