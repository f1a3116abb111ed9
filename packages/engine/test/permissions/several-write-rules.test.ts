/** Several insert, update or delete rules for one role on one table. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/database/index.ts';
import { type Caller, graphqlError, type Project, project } from '../support/project.ts';

const own = { owner: { _eq: 'X-Hasura-User-Id' } };
const led = { team: { _eq: 'X-Hasura-Team' } };
const checkFailed = 'check constraint of an insert/update permission has failed';

let api: Project;
let ann: Caller;

beforeAll(async () => {
  api = await project({
    tables: `
      create table task (
        id int primary key, owner int, team text, title text not null default '', state text not null default 'new', rating int, changed_by text
      );
      create table keyless (a int, b int)`,
    metadata: [
      {
        table: 'task',
        select_permissions: [{ role: 'member', permission: { columns: '*', filter: {} } }],
        insert_permissions: [
          {
            role: 'member',
            permission: {
              rules: [
                {
                  columns: ['id', 'title'],
                  check: {},
                  set: { owner: 'X-Hasura-User-Id', team: 'X-Hasura-Team' },
                },
                { columns: ['id', 'title', 'owner', 'team'], check: led },
                { columns: ['id', 'title', 'owner', 'team'], check: own },
              ],
            },
          },
        ],
        update_permissions: [
          {
            role: 'member',
            permission: {
              rules: [
                {
                  columns: ['title', 'state'],
                  filter: own,
                  check: { state: { _neq: 'approved' } },
                  set: { changed_by: 'owner' },
                },
                {
                  columns: ['state', 'rating', 'owner'],
                  filter: led,
                  check: led,
                  set: { changed_by: 'lead' },
                },
                {
                  columns: ['state'],
                  filter: { state: { _eq: 'open' } },
                  check: { state: { _eq: 'closed' } },
                  set: { changed_by: 'lead' },
                },
              ],
            },
          },
          {
            role: 'both',
            permission: {
              rules: [
                { columns: ['title', 'state'], filter: own },
                { columns: ['title'], filter: led },
              ],
            },
          },
        ],
        delete_permissions: [
          {
            role: 'member',
            permission: { rules: [{ filter: own }, { filter: { state: { _eq: 'closed' } } }] },
          },
          { role: 'service', permission: { rules: [{ filter: own }, { filter: {}, backend_only: true }] } },
        ],
      },
      { table: 'keyless' },
    ],
  });
  ann = api.as('member', { 'x-hasura-user-id': 1, 'x-hasura-team': 'a' });
});
afterAll(() => api?.close());

beforeEach(async () => {
  await api.sql`truncate task`;
  await api.sql`insert into task (id, owner, team, title) values (1, 1, 'b', 'own'), (2, 2, 'a', 'led'), (3, 1, 'a', 'both'), (4, 2, 'b', 'neither')`;
});

const update = (caller: Caller, where: string, operators: string) =>
  caller.query(
    `mutation { update_task(where: ${where}, ${operators}) { affected_rows returning { id owner team title state rating changed_by } } }`,
  );

async function changed(caller: Caller, where: string, operators: string): Promise<unknown> {
  const answer = (await update(caller, where, operators)) as {
    data?: { update_task: { affected_rows: number; returning: { id: number }[] } };
  };
  return answer.data === undefined ? answer : answer.data.update_task.returning.map(({ id }) => id).sort();
}

describe('update', () => {
  test('a row may be changed by a rule that admits it and lists every column', async () => {
    expect(await changed(ann, '{}', '_set: {title: "x"}')).toEqual([1, 3]);
    expect(await changed(ann, '{}', '_set: {rating: 1}')).toEqual([2, 3]);
    expect(await changed(ann, '{}', '_set: {state: "open"}')).toEqual([1, 2, 3]);
    expect(await changed(ann, '{id: {_eq: 4}}', '_set: {state: "open"}')).toEqual([]);
  });

  test('columns that no rule lists together are refused, whatever the rows', async () => {
    expect(await changed(ann, '{}', '_set: {title: "x"}, _inc: {rating: 1}')).toEqual(
      graphqlError(
        'permission-error',
        '$.selectionSet.update_task.args',
        'no rule of the update permission allows these columns together: "title", "rating"',
      ),
    );
    expect(await api.sql`select count(*)::int as count from task where title = 'x'`).toEqual([{ count: 0 }]);
  });

  test('each row gets the presets of the first rule that admits it', async () => {
    await update(ann, '{}', '_set: {state: "open"}');
    expect(await api.sql`select id, changed_by from task order by id`).toEqual([
      { id: 1, changed_by: 'owner' },
      { id: 2, changed_by: 'lead' },
      { id: 3, changed_by: 'owner' },
      { id: 4, changed_by: null },
    ]);
  });

  test('the check is that of the rule that is used', async () => {
    // an owner may not approve, a lead may
    expect(await update(ann, '{id: {_eq: 1}}', '_set: {state: "approved"}')).toEqual(
      graphqlError('permission-error', '$', checkFailed),
    );
    expect(await changed(ann, '{id: {_eq: 2}}', '_set: {state: "approved"}')).toEqual([2]);
    expect(await update(ann, '{id: {_in: [1, 2]}}', '_set: {state: "approved"}')).toEqual(
      graphqlError('permission-error', '$', checkFailed),
    );
    expect(await api.sql`select state from task where id = 1`).toEqual([{ state: 'new' }]);
  });

  test('of rules with the same presets any check suffices that belongs to a rule that admits the row', async () => {
    await api.sql`update task set state = 'open' where id in (2, 4)`;
    // row 4 is admitted by the third rule only, which lets it be closed and nothing else
    expect(await changed(ann, '{id: {_eq: 4}}', '_set: {state: "closed"}')).toEqual([4]);
    await api.sql`update task set state = 'open' where id = 4`;
    expect(await update(ann, '{id: {_eq: 4}}', '_set: {state: "new"}')).toEqual(
      graphqlError('permission-error', '$', checkFailed),
    );
    // row 2 is admitted by the second and by the third rule
    expect(await changed(ann, '{id: {_eq: 2}}', '_set: {state: "new"}')).toEqual([2]);
  });

  test('a row cannot be moved out of the reach of the rule, and the admission is that of the row as it was', async () => {
    const bo = api.as('member', { 'x-hasura-user-id': 9, 'x-hasura-team': 'a' });
    expect(await changed(bo, '{id: {_eq: 2}}', '_set: {owner: 9}')).toEqual([2]);
    // now it is his own
    expect(await changed(bo, '{id: {_eq: 2}}', '_set: {title: "mine"}')).toEqual([2]);
  });

  test('by key, many, and with operators', async () => {
    expect(
      await ann.query('mutation { update_task_by_pk(pk_columns: {id: 4}, _set: {state: "open"}) { id } }'),
    ).toEqual({ data: { update_task_by_pk: null } });
    expect(
      await ann.query(`mutation {
        update_task_many(updates: [
          {where: {}, _set: {title: "t"}},
          {where: {}, _inc: {rating: 1}, _set: {state: "open"}}
        ]) { affected_rows }
      }`),
    ).toEqual({ data: { update_task_many: [{ affected_rows: 2 }, { affected_rows: 2 }] } });
  });

  test('a variable decides by its columns, request by request', async () => {
    const document =
      'mutation ($set: task_set_input!) { update_task(where: {}, _set: $set) { affected_rows } }';
    const affected = (set: object) => ann.query(document, { set: set as never });
    expect(await affected({ title: 'x' })).toEqual({ data: { update_task: { affected_rows: 2 } } });
    expect(await affected({ rating: 1 })).toEqual({ data: { update_task: { affected_rows: 2 } } });
    expect(await affected({ state: 'open' })).toEqual({ data: { update_task: { affected_rows: 3 } } });
    expect(await affected({ title: 'x', rating: 1 })).toMatchObject({ errors: [{}] });
  });

  test('rules without presets and checks make one condition', async () => {
    const both = api.as('both', { 'x-hasura-user-id': 1, 'x-hasura-team': 'a' });
    const affected = (set: string) =>
      both.query(`mutation { update_task(where: {}, _set: {${set}}) { affected_rows } }`);
    expect(await affected('title: "x"')).toEqual({ data: { update_task: { affected_rows: 3 } } });
    expect(await affected('title: "x", state: "open"')).toEqual({
      data: { update_task: { affected_rows: 2 } },
    });
  });

  test('clients that change the same rows wait for each other and lose nothing', async () => {
    await api.sql`update task set rating = 0`;
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        ann.query('mutation { update_task(where: {}, _inc: {rating: 1}) { affected_rows } }'),
      ),
    );
    for (const answer of answers) expect(answer).toEqual({ data: { update_task: { affected_rows: 2 } } });
    expect(await api.sql`select id, rating from task order by id`).toEqual([
      { id: 1, rating: 0 },
      { id: 2, rating: 20 },
      { id: 3, rating: 20 },
      { id: 4, rating: 0 },
    ]);
  });

  test('a row that somebody takes away meanwhile is judged as it is afterwards', async () => {
    const database = openDatabase({ url: api.database.url, maxConnections: 2 });
    try {
      const answer = await database.transaction({}, async (connection) => {
        await connection.script('update task set owner = 2 where id = 1');
        const waiting = changed(ann, '{}', '_set: {state: "open"}');
        const isWaiting = {
          text: "select count(*)::text as count from pg_stat_activity where wait_event_type = 'Lock'",
          parameters: [],
        };
        while ((await database.queryRows(isWaiting))[0]?.['count'] === '0')
          await new Promise((done) => setTimeout(done, 10));
        return { waiting };
      });
      expect(await answer.waiting).toEqual([2, 3]);
      expect(await api.sql`select state from task where id = 1`).toEqual([{ state: 'new' }]);
    } finally {
      await database.close();
    }
  });

  test('without a primary key rules that depend on the row are refused', async () => {
    const rules = (check: object) => [
      { columns: ['a'], filter: {} },
      { columns: ['a'], filter: {}, check },
    ];
    const create = (check: object) =>
      api.command('pg_create_update_permission', {
        table: 'keyless',
        role: 'member',
        permission: { rules: rules(check) as never },
      });
    expect(await create({ a: { _gt: 0 } })).toMatchObject({
      status: 400,
      body: {
        error:
          'Inconsistent object: in table "keyless": in permission for role "member": several update rules that differ in check or set need a table with a primary key',
      },
    });
  });
});

describe('insert', () => {
  const insert = (object: string) =>
    ann.query(`mutation { insert_task_one(object: {${object}}) { id owner team } }`);

  test('the columns that are given decide which rule is used', async () => {
    expect(await insert('id: 5, title: "t"')).toEqual({
      data: { insert_task_one: { id: 5, owner: 1, team: 'a' } },
    });
    expect(await insert('id: 6, owner: 2, team: "a"')).toEqual({
      data: { insert_task_one: { id: 6, owner: 2, team: 'a' } },
    });
  });

  test('any check of the rules that list the columns suffices', async () => {
    expect(await insert('id: 5, owner: 1, team: "b"')).toEqual({
      data: { insert_task_one: { id: 5, owner: 1, team: 'b' } },
    });
    expect(await insert('id: 6, owner: 2, team: "b"')).toEqual(
      graphqlError('permission-error', '$.selectionSet.insert_task_one.args.object', checkFailed),
    );
    expect(await api.sql`select id from task where id >= 5`).toEqual([{ id: 5 }]);
  });

  test('several rows, and a variable that holds them', async () => {
    const document =
      'mutation ($rows: [task_insert_input!]!) { insert_task(objects: $rows) { affected_rows } }';
    expect(await ann.query(document, { rows: [{ id: 5 }, { id: 6 }] })).toEqual({
      data: { insert_task: { affected_rows: 2 } },
    });
    expect(
      await ann.query(document, {
        rows: [
          { id: 7, team: 'a' },
          { id: 8, owner: 1 },
        ],
      }),
    ).toEqual({
      data: { insert_task: { affected_rows: 2 } },
    });
    expect(
      await ann.query(document, {
        rows: [
          { id: 9, team: 'a' },
          { id: 10, team: 'b' },
        ],
      }),
    ).toEqual(graphqlError('permission-error', '$.selectionSet.insert_task.args.objects', checkFailed));
  });

  test('on a conflict the first rule that lists the columns is the one that updates', async () => {
    const upsert = (id: number, columns: string) =>
      ann.query(`mutation {
        insert_task(objects: [{id: ${id}, title: "u"}], on_conflict: {constraint: task_pkey, update_columns: [${columns}]}) { affected_rows }
      }`);
    expect(await upsert(1, 'title')).toEqual({ data: { insert_task: { affected_rows: 1 } } });
    expect(await upsert(2, 'title')).toEqual({ data: { insert_task: { affected_rows: 0 } } });
    expect(await upsert(2, 'state')).toEqual({ data: { insert_task: { affected_rows: 0 } } });
    expect(await upsert(1, 'title, rating')).toMatchObject({
      errors: [{ extensions: { code: 'permission-error' } }],
    });
    expect(await api.sql`select id, title, changed_by from task where id in (1, 2) order by id`).toEqual([
      { id: 1, title: 'u', changed_by: 'owner' },
      { id: 2, title: 'led', changed_by: null },
    ]);
  });
});

describe('delete', () => {
  test('a row goes if any rule admits it', async () => {
    await api.sql`update task set state = 'closed' where id = 4`;
    expect(await ann.query('mutation { delete_task(where: {}) { returning { id } } }')).toEqual({
      data: { delete_task: { returning: [{ id: 1 }, { id: 3 }, { id: 4 }] } },
    });
  });

  test('a backend-only rule counts only where it may', async () => {
    const session = { 'x-hasura-user-id': 2 };
    const removed = (variables: Record<string, string | number>) =>
      api
        .as('service', { ...session, ...variables })
        .query('mutation { delete_task(where: {}) { affected_rows } }');
    expect(await removed({})).toEqual({ data: { delete_task: { affected_rows: 2 } } });
    expect(await removed({ 'x-hasura-use-backend-only-permissions': 'true' })).toEqual({
      data: { delete_task: { affected_rows: 2 } },
    });
    expect(await api.sql`select id from task`).toEqual([]);
  });
});

describe('the data operations of /v1/query', () => {
  const command = (caller: Caller, type: string, args: object) =>
    caller
      .request('/v1/query', { type, args })
      .then(async (response) => [response.status, await response.json()]);

  test('obey the same rules', async () => {
    expect(
      await command(ann, 'update', { table: 'task', where: {}, $set: { state: 'approved' } }),
    ).toMatchObject([400, { code: 'permission-error' }]);
    expect(await command(ann, 'update', { table: 'task', where: {}, $set: { title: 'v1' } })).toEqual([
      200,
      { affected_rows: 2 },
    ]);
    expect(
      await command(ann, 'update', { table: 'task', where: {}, $set: { title: 'v1', rating: 1 } }),
    ).toMatchObject([400, { code: 'permission-error' }]);
    expect(
      await command(ann, 'insert', { table: 'task', objects: [{ id: 6, owner: 2, team: 'b' }] }),
    ).toMatchObject([400, { code: 'permission-error' }]);
    expect(await command(ann, 'delete', { table: 'task', where: {} })).toEqual([200, { affected_rows: 2 }]);
  });
});

describe('questions about permissions', () => {
  test('agree with what happens', async () => {
    const response = await ann.request('/v1/permissions/check', {
      checks: [
        {
          table: 'task',
          operation: 'update',
          object: { state: 'approved' },
          keys: [{ id: 1 }, { id: 2 }, { id: 3 }, { id: 4 }],
        },
        { table: 'task', operation: 'update', columns: ['title', 'rating'] },
      ],
    });
    expect(await response.json()).toMatchObject({
      results: [
        { rows: [{ allowed: false }, { allowed: true }, { allowed: false }, { allowed: false }] },
        { allowed: false },
      ],
    });
  });
});
