/** Mutations that PostgreSQL gives up because of each other are run again. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Project, project } from '../support/project.ts';

let api: Project;
beforeAll(async () => {
  api = await project({
    tables: `create table counters (id int primary key, n int not null default 0);
      insert into counters values (1), (2);
      -- each of two updates holds its first row until the other holds its own
      create function meet() returns trigger language plpgsql as $$
        begin perform pg_sleep(0.1); return new; end $$;
      create trigger meet after update on counters for each row execute function meet();`,
    metadata: [{ table: 'counters' }],
  });
});
afterAll(() => api?.close());

test('two mutations in a deadlock both succeed', async () => {
  const both = (first: number, second: number) =>
    api.query(`mutation {
      a: update_counters_by_pk(pk_columns: {id: ${first}}, _inc: {n: 1}) { id }
      b: update_counters_by_pk(pk_columns: {id: ${second}}, _inc: {n: 1}) { id }
    }`);
  const answers = await Promise.all([both(1, 2), both(2, 1)]);
  expect(answers).toEqual([
    { data: { a: { id: 1 }, b: { id: 2 } } },
    { data: { a: { id: 2 }, b: { id: 1 } } },
  ]);
  expect(await api.sql`select n from counters`).toEqual([{ n: 2 }, { n: 2 }]);
});
