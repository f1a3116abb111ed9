/**
 * Random mutations under random rules: what is stored and answered afterwards is what a judge in memory says (mutations/perform.ts), so that no row is stored that breaks
 * a check, and none is changed or deleted that no filter admits. The last test takes parts out of the judge's rules and sees the difference found.
 *
 * POSTERN_TEST_CASES sets how many cases are tried, e.g. 20000 for a run by hand.
 */
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Project, project } from '../support/project.ts';
import { type Row, small, type World, word } from './mutations/condition.ts';
import { type Operation, operationsOf, requestOf } from './mutations/operations.ts';
import { byKey, type NullChecks, perform } from './mutations/perform.ts';
import { metadataOf, type RoleRules, roleName, roleRules } from './mutations/rules.ts';

const cases = Number(process.env['POSTERN_TEST_CASES'] ?? 400);
const seed = Number(process.env['POSTERN_TEST_SEED'] ?? Date.now() % 2 ** 31);
const roles = fc.sample(roleRules, { seed, numRuns: Math.min(500, Math.max(60, cases / 20)) });

const projects = new Map<NullChecks, Project>();
beforeAll(async () => {
  for (const nullChecks of ['fail', 'pass'] as const) {
    const api = await project({
      tables: `
        create table team (id int primary key, lead int, grade int default 1);
        create table task (id int primary key, owner int, team int, state text collate "C" default 'new', size int default 2)`,
      metadata: metadataOf(roles),
      engine: { nullChecks },
    });
    projects.set(nullChecks, api);
  }
}, 120_000);
afterAll(() => Promise.all([...projects.values()].map((api) => api.close())));

interface Case {
  readonly role: number;
  readonly user: number;
  readonly world: World;
  readonly operations: readonly Operation[];
  readonly asVariables: boolean;
}

const rowsWith = (columns: Record<string, fc.Arbitrary<number | string | null>>): fc.Arbitrary<Row[]> =>
  fc
    .array(fc.record(columns), { maxLength: 6 })
    .map((rows) => rows.map((row, index): Row => ({ id: index + 1, ...row })));

const world: fc.Arbitrary<World> = fc.record({
  task: rowsWith({
    owner: fc.option(small),
    team: fc.option(small),
    state: fc.option(word),
    size: fc.option(small),
  }),
  team: rowsWith({ lead: fc.option(small), grade: fc.option(small) }).map((rows) => rows.slice(0, 3)),
});

const anyCase: fc.Arbitrary<Case> = fc.nat({ max: roles.length - 1 }).chain((role) =>
  fc.record({
    role: fc.constant(role),
    user: small,
    world,
    operations: operationsOf(rulesOf(role)),
    asVariables: fc.boolean(),
  }),
);

function rulesOf(role: number): RoleRules {
  const rules = roles[role];
  if (rules === undefined) throw new Error(`no role ${role}`);
  return rules;
}

/** What is stored and answered, in the judge's terms. */
async function ask({ role, user, world: before, operations, asVariables }: Case, nullChecks: NullChecks) {
  const api = projects.get(nullChecks);
  if (api === undefined) throw new Error(`no engine in which NULL checks ${nullChecks}`);
  const insert = Object.entries(before).map(
    ([name, rows]) =>
      `delete from ${name}; insert into ${name} select * from json_populate_recordset(null::${name}, '${JSON.stringify(rows).replaceAll("'", "''")}')`,
  );
  await api.database.sql(insert.join('; '));
  const { document, variables } = requestOf(operations, asVariables);
  const answer = (await api.as(roleName(role), { 'x-hasura-user-id': user }).query(document, variables)) as {
    data?: Record<string, unknown>;
    errors?: { message: string; extensions: { code: string } }[];
  };
  const stored = {
    task: (await api.sql`select * from task order by id`) as Row[],
    team: (await api.sql`select * from team order by id`) as Row[],
  };
  return { answer, stored };
}

interface Comparison {
  readonly actual: unknown;
  /** What the rules say. */
  judged(rules: RoleRules): unknown;
}

async function tryOut(of: Case, nullChecks: NullChecks = 'fail'): Promise<Comparison> {
  const { answer, stored } = await ask(of, nullChecks);
  const answered =
    answer.data === undefined
      ? { kind: 'refused', code: answer.errors?.[0]?.extensions.code }
      : { kind: 'done', answers: Object.values(answer.data).map(inKeyOrder) };
  return {
    actual: { ...answered, stored },
    judged(rules) {
      const outcome = perform(of.operations, rules, of.world, of.user, nullChecks);
      const world = outcome.kind === 'done' ? outcome.world : of.world;
      const after = { task: byKey(world.task), team: byKey(world.team) };
      return outcome.kind === 'refused'
        ? { ...outcome, stored: after }
        : { kind: 'done', answers: outcome.answers.map(inKeyOrder), stored: after };
    },
  };
}

/** Rows of `returning` have no order. */
function inKeyOrder(answer: unknown): unknown {
  if (Array.isArray(answer)) return answer.map(inKeyOrder);
  if (typeof answer !== 'object' || answer === null || !('returning' in answer)) return answer;
  return { ...answer, returning: byKey(answer.returning as Row[]) };
}

test.each<[NullChecks, number]>([
  ['fail', cases],
  ['pass', cases / 4],
])(
  'what is stored and answered is what the rules say; NULL checks %s',
  async (nullChecks, numRuns) => {
    let done = 0;
    await fc.assert(
      fc.asyncProperty(anyCase, async (each) => {
        const rules = rulesOf(each.role);
        const { actual, judged } = await tryOut(each, nullChecks);
        const request = requestOf(each.operations, each.asVariables);
        expect(actual, JSON.stringify({ request, rules, seed })).toEqual(judged(rules));
        if ((actual as { kind: string }).kind === 'done') done++;
      }),
      { numRuns, seed },
    );
    expect(done).toBeGreaterThan(numRuns / 10);
    expect(done).toBeLessThan(numRuns * 0.9);
  },
  3_600_000,
);

const withTask = (rules: RoleRules, task: Partial<RoleRules['task']>): RoleRules => ({
  ...rules,
  task: { ...rules.task, ...task },
});

test.each<[string, (rules: RoleRules) => RoleRules]>([
  [
    'the check of an insert',
    (rules) => withTask(rules, { insert: rules.task.insert.map((rule) => ({ ...rule, check: {} })) }),
  ],
  [
    'the presets of an insert',
    (rules) => withTask(rules, { insert: rules.task.insert.map((rule) => ({ ...rule, set: {} })) }),
  ],
  [
    'the filter of an update',
    (rules) => withTask(rules, { update: rules.task.update.map((rule) => ({ ...rule, filter: {} })) }),
  ],
  [
    'the check of an update',
    (rules) => withTask(rules, { update: rules.task.update.map((rule) => ({ ...rule, check: null })) }),
  ],
  ['the filter of a delete', (rules) => withTask(rules, { delete: [{ filter: {} }] })],
  [
    'the check of nested rows',
    (rules) => ({
      ...rules,
      team: { insert: rules.team.insert.map((rule) => ({ ...rule, check: {} })) },
    }),
  ],
])(
  'it is seen when %s is left out',
  async (_what, weaken) => {
    let isSeen = false;
    await fc.check(
      fc.asyncProperty(anyCase, async (each) => {
        const rules = rulesOf(each.role);
        const { actual, judged } = await tryOut(each);
        isSeen ||=
          isDeepStrictEqual(actual, judged(rules)) && !isDeepStrictEqual(actual, judged(weaken(rules)));
        return !isSeen;
      }),
      { numRuns: 3000, endOnFailure: true },
    );
    expect(isSeen).toBe(true);
  },
  120_000,
);
