/** The questions and answers that docs/permissions.md shows are what the engine is asked and answers. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type JsonLike, type Project, project } from '../support/project.ts';

const page = readFileSync(new URL('../../../../docs/permissions.md', import.meta.url), 'utf8');
const own = { owner: { _eq: 'X-Hasura-User-Id' } };

let api: Project;
beforeAll(async () => {
  api = await project({
    tables: `
      create table user_profile (id int primary key, name text not null, city text, email text not null);
      insert into user_profile values (1, 'Ann', 'Oslo', 'ann@x.org'), (2, 'Ben', 'Rome', 'ben@x.org');
      create table task (id serial primary key, owner int, team text, title text, state text not null default 'new', rating int);
      insert into task (owner, team) values (1, 'b'), (2, 'a')`,
    metadata: [
      {
        table: 'user_profile',
        select_permissions: [
          {
            role: 'member',
            permission: {
              rules: [
                { columns: ['id', 'name', 'city'], filter: {}, allow_aggregations: true },
                { columns: '*', filter: { id: { _eq: 'X-Hasura-User-Id' } } },
              ],
            },
          },
        ],
      },
      {
        table: 'task',
        select_permissions: [
          { role: 'member', permission: { columns: ['id', 'title', 'state', 'rating'], filter: {} } },
        ],
        insert_permissions: [
          { role: 'member', permission: { columns: ['title'], check: { state: { _eq: 'new' } } } },
        ],
        update_permissions: [
          {
            role: 'member',
            permission: {
              rules: [
                { columns: ['title', 'state'], filter: own, check: { state: { _neq: 'approved' } } },
                { columns: ['state', 'rating'], filter: { team: { _eq: 'X-Hasura-Team' } } },
              ],
            },
          },
        ],
        delete_permissions: [{ role: 'member', permission: { filter: own } }],
      },
    ],
  });
});
afterAll(() => api?.close());

/** The JSON blocks below a heading. */
function blocksBelow(heading: string): readonly JsonLike[] {
  const section = page.split(`### ${heading}\n`)[1]?.split('\n### ')[0] ?? '';
  return [...section.matchAll(/```json\n([\s\S]*?)```/g)].map(
    (match) => JSON.parse(match[1] ?? '') as JsonLike,
  );
}

test('reading', async () => {
  const ben = api.as('member', { 'x-hasura-user-id': 2 });
  const [rows] = blocksBelow('Reading');
  expect(await ben.query('{ user_profile(order_by: {id: asc}) { id name email } }')).toEqual({
    data: { user_profile: rows },
  });
  const answer = await ben.query(`{
    like: user_profile(where: {email: {_like: "ann%"}}) { id }
    unequal: user_profile(where: {_not: {email: {_eq: "x"}}}) { id }
    null: user_profile(where: {email: {_is_null: true}}) { id }
    sorted: user_profile(order_by: {email: asc}) { id }
    user_profile_aggregate { aggregate { count(columns: email) max { email } } }
  }`);
  expect(answer).toEqual({
    data: {
      like: [],
      unequal: [{ id: 2 }],
      null: [{ id: 1 }],
      sorted: [{ id: 2 }, { id: 1 }],
      user_profile_aggregate: { aggregate: { count: 1, max: { email: 'ben@x.org' } } },
    },
  });
});

test.each(['check', 'explain'])('%s', async (endpoint) => {
  const [question, answer] = blocksBelow(`\`POST /v1/permissions/${endpoint}\``);
  const caller =
    endpoint === 'check' ? api.as('member', { 'x-hasura-user-id': 1, 'x-hasura-team': 'a' }) : api;
  const response = await caller.request(`/v1/permissions/${endpoint}`, question);
  expect(await response.json()).toEqual(answer);
});
