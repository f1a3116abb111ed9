import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { repository } from '../../../scripts/set-up.mjs';
import { createTestDatabase, type TestDatabase, testServerUrl } from '../../engine/test/support/index.ts';
import { permissionsTest } from '../src/commands/permissions-test.ts';

let database: TestDatabase;
let serverUrl: string;
const folders: string[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
  serverUrl = await testServerUrl();
});
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});
afterAll(() => database?.drop());

type Result = { readonly status: number; readonly out: string };

/** Runs the command as `bin/postern` does, on the tests' own PostgreSQL. */
async function run(folder: string, options: Record<string, string | boolean> = {}): Promise<Result> {
  const out: string[] = [];
  const before = process.exitCode;
  try {
    await permissionsTest.run({
      argv: [folder],
      options: { databaseUrl: serverUrl, ...options },
      environment: {},
      repository,
      print: (text) => out.push(text),
    });
    return { status: Number(process.exitCode ?? 0), out: out.join('\n') };
  } finally {
    process.exitCode = before;
  }
}

/** The blog with these permission tests instead of its own. */
function blogWith(tests: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'postern-permission-tests-'));
  folders.push(folder);
  const blog = join(repository, 'examples', 'blog');
  for (const part of ['metadata', 'migrations', 'seeds', 'try.yaml']) {
    cpSync(join(blog, part), join(folder, part), { recursive: true });
  }
  mkdirSync(join(folder, 'permissions'));
  writeFileSync(join(folder, 'permissions', 'some.test.yaml'), tests);
  return folder;
}

const scratchDatabases = (): Promise<Record<string, unknown>[]> =>
  database.sql(`select datname from pg_database where datname like 'postern\\_permissions\\_%'`);

describe('the examples', () => {
  for (const name of readdirSync(join(repository, 'examples'))) {
    test(`${name}: every test passes, and every permission is exercised`, async () => {
      const { status, out } = await run(join(repository, 'examples', name), { requireAll: true });
      expect(out).not.toContain('✗');
      expect(out).not.toContain('No test exercises');
      expect(status).toBe(0);
    }, 120_000);
  }
});

describe('a test that fails', () => {
  test('shows what was different, and what the rule says', async () => {
    const junit = join(tmpdir(), `postern-${process.pid}.xml`);
    const folder = blogWith(`
tests:
  - name: wrong <row> & title
    role: author
    session_variables: { x-hasura-user-id: 1 }
    query: "{ articles(order_by: {id: asc}) { id title } }"
    expect:
      rows: [{ id: 1, title: Sourdough in a cold kitchen }, { id: 2, title: Other }]
`);
    const { status, out } = await run(folder, { junit });
    expect(status).toBe(1);
    expect(out).toContain('✗ wrong <row> & title (author)');
    expect(out).toMatch(/- +\{"id":2,"title":"Other"\}/);
    expect(out).toMatch(/\+ +\{"id":2,"title":"Notes on rye"\}/);
    expect(out).toContain('filter {"author_id":{"_eq":"1"}}');
    expect(out).toContain('0 passed, 1 failed');
    expect(out).toContain('1 of 22 permissions exercised');
    expect(out).toContain('  author: delete on public.articles');
    const xml = readFileSync(junit, 'utf8');
    rmSync(junit);
    expect(xml).toContain('<testsuite name="permissions/some.test.yaml" tests="1" failures="1"');
    expect(xml).toContain('name="wrong &lt;row&gt; &amp; title" classname="author"');
    expect(xml).toMatch(/<failure message="the answer is another:">[^<]*Notes on rye[^<]*<\/failure>/);
  });

  test.each([
    [
      'an answer in place of an error',
      'error: no such thing',
      'an error was expected, but there is an answer:',
    ],
    ['rows too many', 'rows: [{ id: 1 }]', 'the answer is another:'],
    ['another root field', 'data: { users: [] }', 'the answer is another:'],
  ])('%s', async (_, expected, said) => {
    const folder = blogWith(`
tests:
  - name: visitors
    query: "{ articles(order_by: {id: asc}) { id } }"
    expect: { ${expected} }
`);
    expect(await run(folder)).toMatchObject({ status: 1, out: expect.stringContaining(said) });
  });

  test('what is left in the database counts, too', async () => {
    const folder = blogWith(`
tests:
  - name: deletes
    role: author
    session_variables: { x-hasura-user-id: 1 }
    query: "mutation { delete_articles(where: {}) { affected_rows } }"
    expect: { rows: { affected_rows: 1 } }
    after: [{ sql: select count(*) from articles, rows: [{ count: 5 }] }]
`);
    const { status, out } = await run(folder);
    expect(status).toBe(1);
    expect(out).toMatch(/- +\{"count":5\}/);
    expect(out).toMatch(/\+ +\{"count":4\}/);
    expect(out).toContain('after the request, select count(*) from articles gives:');
  });
});

test('every test begins with the same rows, and nothing is left behind', async () => {
  const deletes = (name: string): string => `
  - name: ${name}
    role: author
    session_variables: { x-hasura-user-id: 1 }
    query: "mutation { delete_articles(where: {}) { affected_rows } }"
    expect: { rows: { affected_rows: 1 } }`;
  const reads = (count: number, fixtures = ''): string => `
  - name: reads ${count}
    role: editor
    session_variables: { x-hasura-user-id: 4 }
    ${fixtures}
    query: "{ articles_aggregate { aggregate { count } } }"
    expect: { rows: { aggregate: { count: ${count} } } }`;
  const more = (title: string): string =>
    `[{ sql: "INSERT INTO articles (title, author_id) VALUES ('${title}', 2)" }]`;
  const folder = blogWith(
    `fixtures: ${more('file')}\ntests:${deletes('first')}${deletes('second')}${reads(6)}${reads(7, `fixtures: ${more('test')}`)}${reads(6)}`,
  );
  const { out } = await run(folder);
  expect(out).toContain('5 passed, 0 failed');
  expect(await scratchDatabases()).toEqual([]);
});

test('an incomplete set of tests is told, and fails only on request', async () => {
  const folder = blogWith(
    'tests: [{ name: a, query: "{ articles { id } }", expect: { rows: [{ id: 1 }, { id: 3 }] } }]',
  );
  expect(await run(folder)).toMatchObject({ status: 0, out: expect.stringContaining('No test exercises:') });
  expect(await run(folder, { requireAll: true })).toMatchObject({ status: 1 });
});

test('what cannot be run is no failed test: status 2, and a sentence that names the place', async () => {
  const cases: readonly (readonly [string, string | RegExp])[] = [
    ['tests: [', /^permissions\/some\.test\.yaml: /],
    [
      'tests: [{ name: a, query: q, expect: { rows: [] }, rolle: x }]',
      'permissions/some.test.yaml: "a": "rolle" is not known',
    ],
    ['tests: [{ name: a, query: q }]', 'permissions/some.test.yaml: "a": expect: a mapping is expected'],
    [
      'tests: [{ name: a, query: q, expect: { row: 1 } }]',
      /"row" is not known; data, rows or error is expected/,
    ],
    [
      'tests: [{ name: a, session_variables: { x-hasura-user-id: 1 }, query: q, expect: { rows: 1 } }]',
      /need a role/,
    ],
    ['fixtures: [gone.sql]\ntests: []', /there is no file gone\.sql/],
    [
      'fixtures: [{ sql: select 1/0 }]\ntests: [{ name: a, query: q, expect: { rows: [] } }]',
      /division by zero/,
    ],
    ['tests: []', /There are no tests/],
  ];
  for (const [text, message] of cases) {
    const ended = run(blogWith(text));
    await expect(ended).rejects.toMatchObject({ name: 'UserError', exitStatus: 2 });
    await expect(ended).rejects.toThrow(message);
  }
  expect(await scratchDatabases()).toEqual([]);
});
