/** `on_conflict` names unique indexes too, also those that no constraint has made. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { at, graphqlError, type Project, project } from '../../support/project.ts';

let api: Project;
beforeAll(async () => {
  api = await project({
    tables: `
      create table notes (id int primary key, code text, part int, text text, owner int);
      create unique index notes_pair on notes (part, code);
      create unique index notes_text on notes (lower(text));
      create unique index notes_some on notes (code) where owner is null;
      insert into notes values (1, 'a', 1, 'one', 7), (2, 'a', 2, 'two', 8);`,
    metadata: [
      {
        table: 'notes',
        select_permissions: [{ role: 'user', permission: { columns: ['id', 'text'], filter: {} } }],
        insert_permissions: [{ role: 'user', permission: { columns: '*', check: {} } }],
        update_permissions: [
          {
            role: 'user',
            permission: { columns: ['text'], filter: { owner: { _eq: 'X-Hasura-User-Id' } }, check: null },
          },
        ],
      },
    ],
  });
});
afterAll(() => api?.close());

const upsert = (constraint: string) => `mutation ($part: Int, $text: String) {
  insert_notes(
    objects: [{ id: 9, code: "a", part: $part, text: $text }]
    on_conflict: { constraint: ${constraint}, update_columns: [text] }
  ) { affected_rows returning { id text } }
}`;

test('all of them are values of the enum', async () => {
  expect(
    await api.query('{ __type(name: "notes_constraint") { enumValues { name description } } }'),
  ).toMatchObject({
    data: {
      __type: {
        enumValues: [
          { name: 'notes_pair', description: 'unique or primary key constraint on columns "part", "code"' },
          { name: 'notes_pkey', description: 'unique or primary key constraint on columns "id"' },
          { name: 'notes_some', description: 'unique or primary key constraint on columns "code"' },
          { name: 'notes_text', description: 'unique or primary key constraint on columns ' },
        ],
      },
    },
  });
});

describe('an upsert by an index', () => {
  test('finds the row by the columns, under the rules for updates', async () => {
    const user = api.as('user', { 'x-hasura-user-id': 7 });
    expect(await user.query(upsert('notes_pair'), { part: 1, text: 'new' })).toEqual({
      data: { insert_notes: { affected_rows: 1, returning: [{ id: 1, text: 'new' }] } },
    });
    expect(await user.query(upsert('notes_pair'), { part: 2, text: 'stolen' })).toEqual({
      data: { insert_notes: { affected_rows: 0, returning: [] } },
    });
    expect(await api.sql`select id, text from notes order by id`).toEqual([
      { id: 1, text: 'new' },
      { id: 2, text: 'two' },
    ]);
  });

  test.each(['notes_text', 'notes_some'])('of some rows or of expressions is refused: %s', async (name) => {
    expect(await api.query(upsert(name), { part: 3, text: 'x' })).toEqual(
      graphqlError(
        'constraint-error',
        `${at('insert_notes')}.args.objects`,
        `constraint "${name}" for table "notes" does not exist`,
      ),
    );
  });
});
