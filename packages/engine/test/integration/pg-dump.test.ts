import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type JsonLike, type Project, project } from '../support/project.ts';

const version = spawnSync('pg_dump', ['--version'], { encoding: 'utf8' }).stdout ?? '';
/** Of the program in the path; null without one. */
const majorVersion = / (\d+)[.\s]/.exec(version)?.[1] ?? null;

describe('dumps', () => {
  let api: Project;
  beforeAll(async () => {
    api = await project({ tables: 'create table notes (id int primary key, text text)' });
  });
  afterAll(() => api?.close());

  /** pg_dump must be there, and at least as new as the server. */
  const needsProgram = async (skip: (note: string) => void): Promise<void> => {
    const [row] = await api.sql`select current_setting('server_version_num')::int / 10000 as major`;
    const isUsable = majorVersion !== null && Number(majorVersion) >= Number(row?.['major']);
    if (!isUsable) skip(`needs pg_dump ${row?.['major']} or newer, found ${majorVersion ?? 'none'}`);
  };

  const dump = (body: JsonLike, caller: Pick<Project, 'request'> = api) =>
    caller.request('/v1alpha1/pg_dump', body);

  test('of the schema, without what a migration does not need', async ({ skip }) => {
    await needsProgram(skip);
    const response = await dump({ opts: ['-Ox', '--schema-only', '--schema', 'public'], clean_output: true });
    const text = await response.text();
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/sql']);
    expect(text).toContain('CREATE TABLE public.notes (\n    id integer NOT NULL,\n    text text\n);\n');
    expect(text).not.toMatch(/^--|\n\n|SET statement_timeout/m);
  });

  test('that fail say why to those who may know', async ({ skip }) => {
    await needsProgram(skip);
    const response = await dump({ opts: ['--table', 'nowhere'] });
    expect([response.status, await response.json()]).toMatchObject([
      500,
      {
        code: 'unexpected',
        error: 'error while executing pg_dump',
        path: '$',
        internal: expect.stringContaining('no matching tables'),
      },
    ]);
  });

  test.each([
    [{ opts: ['-f', '/tmp/x'] }, 400, { code: 'bad-request', path: '$.opts' }],
    [
      { clean_output: true },
      400,
      { code: 'parse-failed', path: '$', error: "the key 'opts' was not present" },
    ],
    [
      { opts: 'x' },
      400,
      { path: '$.opts', error: 'parsing [] failed, expected Array, but encountered String' },
    ],
    [
      { opts: ['-O', 1] },
      400,
      { path: '$.opts[1]', error: 'parsing String failed, expected String, but encountered Number' },
    ],
    [
      { opts: [], clean_output: 'yes' },
      400,
      { path: '$.clean_output', error: 'parsing Bool failed, expected Boolean, but encountered String' },
    ],
    [{ opts: [], source: 'x' }, 400, { code: 'not-found', error: 'source "x" not found' }],
  ])('%j is refused', async (body, status, error) => {
    const response = await dump(body);
    expect([response.status, await response.json()]).toMatchObject([status, error]);
  });

  test('are for the administrator only', async () => {
    const response = await dump({ opts: [] }, api.as('user'));
    expect([response.status, await response.json()]).toMatchObject([400, { code: 'access-denied' }]);
  });
});
