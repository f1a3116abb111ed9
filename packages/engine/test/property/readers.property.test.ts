/**
 * Random select rules and random questions: a role gets the answer that it would get if the tables held only what it sees, and nothing were hidden. What it sees is said by a judge
 * in memory (readers/rules.ts), so that nothing leaks in whatever way it is asked for, and nothing is kept back. The last test takes parts out of the rules and sees the
 * difference found.
 *
 * POSTERN_TEST_CASES sets how many cases are tried.
 */
import fc from 'fast-check';
import {
  buildClientSchema,
  type GraphQLSchema,
  getIntrospectionQuery,
  type IntrospectionQuery,
} from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Project, project } from '../support/project.ts';
import { type Row, small, type World, word } from './mutations/condition.ts';
import { randomRequest, type RequestText } from './readers/random-request.ts';
import {
  metadataFor,
  type ReaderRules,
  readerName,
  readerRules,
  type SelectRule,
  seenRows,
  tablesOf,
} from './readers/rules.ts';
import { type Answer, areDistinct, byNumber, outcomeOf, requestFor, writesOf } from './readers/writes.ts';

const cases = Number(process.env['POSTERN_TEST_CASES'] ?? 400);
const seed = Number(process.env['POSTERN_TEST_SEED'] ?? Date.now() % 2 ** 31);
const roles = fc.sample(readerRules, { seed, numRuns: Math.min(400, Math.max(60, cases / 20)) });

let real: Project;
let seen: Project;
beforeAll(async () => {
  real = await project({ tables: tablesOf.real, metadata: metadataFor('real', roles) });
  seen = await project({ tables: tablesOf.seen, metadata: metadataFor('seen', roles) });
}, 120_000);
afterAll(() => Promise.all([real?.close(), seen?.close()]));

const schemas = new Map<number, Promise<GraphQLSchema>>();

function schemaOf(role: number): Promise<GraphQLSchema> {
  const known = schemas.get(role);
  if (known !== undefined) return known;
  const asked = (async () => {
    const answer = (await real.as(readerName(role)).query(getIntrospectionQuery())) as {
      data: IntrospectionQuery;
    };
    return buildClientSchema(answer.data, { assumeValid: true });
  })();
  schemas.set(role, asked);
  return asked;
}

interface Case {
  readonly role: number;
  readonly user: number;
  readonly world: World;
  readonly numbers: number;
}

const rowsWith = (columns: Record<string, fc.Arbitrary<number | string | null>>): fc.Arbitrary<Row[]> =>
  fc
    .array(fc.record(columns), { maxLength: 6 })
    .map((rows) => rows.map((row, index): Row => ({ uid: index + 1, ...row })));

const world: fc.Arbitrary<World> = fc.record({
  task: rowsWith({
    id: fc.option(small, { freq: 9 }),
    owner: fc.option(small),
    team: fc.option(small),
    state: fc.option(word),
    size: fc.option(small),
  }),
  team: rowsWith({ id: small, lead: fc.option(small), grade: fc.option(small) }),
});

/** Of an object relationship it would be open which of several teams it shows. */
const worldOfTeams: fc.Arbitrary<World> = world.map(({ task, team }) => ({
  task: task.map((row) => ({ id: null, owner: null, team: null, state: null, size: null, ...row })),
  team: team.map((row, index) => ({ ...row, id: index + 1 })),
}));

const anyCase: fc.Arbitrary<Case> = fc.record({
  role: fc.nat({ max: roles.length - 1 }),
  user: small,
  world,
  numbers: fc.integer(),
});

function rulesOf(role: number): ReaderRules {
  const rules = roles[role];
  if (rules === undefined) throw new Error(`no role ${role}`);
  return rules;
}

async function load(api: Project, rows: World): Promise<void> {
  const statements = Object.entries(rows).map(
    ([name, list]) =>
      `truncate ${name}; insert into ${name} select * from json_populate_recordset(null::${name}, '${JSON.stringify(list).replaceAll("'", "''")}')`,
  );
  await api.database.sql(statements.join('; '));
}

async function ask(
  api: Project,
  { role, user }: Case,
  { document, variables }: RequestText,
): Promise<unknown> {
  return api.as(readerName(role), { 'x-hasura-user-id': user }).query(document, variables);
}

async function requestOf({ role, numbers }: Case): Promise<RequestText> {
  return randomRequest(await schemaOf(role), randomNumbers(numbers));
}

test('the metadata fit', async () => {
  for (const api of [real, seen]) {
    expect((await api.command('get_inconsistent_metadata', {})).body).toMatchObject({ is_consistent: true });
  }
});

test('a role is answered from what it sees, and from nothing else', async () => {
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(anyCase, async (each) => {
      const rules = rulesOf(each.role);
      const request = await requestOf(each);
      await Promise.all([load(real, each.world), load(seen, seenRows(rules, each.world, each.user))]);
      const [actual, expected] = await Promise.all([ask(real, each, request), ask(seen, each, request)]);
      expect(actual, JSON.stringify({ request, rules, seed })).toEqual(expected);
      if ((actual as { data?: unknown }).data !== undefined) answered++;
    }),
    { numRuns: cases, seed },
  );
  expect(answered).toBeGreaterThan(cases * 0.7);
}, 3_600_000);

test('who writes is shown of the written rows what the rules show of them, and finds rows by that alone', async () => {
  let changed = 0;
  const writers = roles.flatMap((rules, role) => (areDistinct(rules) ? [role] : []));
  const writing = fc.constantFrom(...writers).chain((role) =>
    fc.record({
      role: fc.constant(role),
      user: small,
      world: worldOfTeams,
      write: writesOf(rulesOf(role)),
    }),
  );
  await fc.assert(
    fc.asyncProperty(writing, async ({ role, user, world: before, write }) => {
      const rules = rulesOf(role);
      await load(real, before);
      const { document, variables } = requestFor(write, rules);
      const answer = (await real
        .as(readerName(role), { 'x-hasura-user-id': user })
        .query(document, variables)) as { data?: { done: Answer } };
      const expected = outcomeOf(write, rules, before, user);
      const note = JSON.stringify({ document, variables, rules, answer, seed });
      const done = answer.data?.done;
      expect(done && { ...done, returning: [...done.returning].sort(byNumber) }, note).toEqual(
        expected.answer,
      );
      expect(await real.sql`select * from task order by uid`, note).toEqual(expected.task);
      changed += expected.answer.affected_rows;
    }),
    { numRuns: cases, seed },
  );
  expect(changed).toBeGreaterThan(cases / 2);
}, 3_600_000);

const withRules = (rules: ReaderRules, change: (rule: SelectRule) => SelectRule): ReaderRules => ({
  ...rules,
  task: rules.task.map(change),
  team: rules.team.map(change),
});

test.each<[string, (rules: ReaderRules) => ReaderRules]>([
  ['the filters', (rules) => withRules(rules, (rule) => ({ ...rule, filter: {} }))],
  [
    'the lists of columns',
    (rules) =>
      withRules(rules, (rule) => ({
        ...rule,
        columns: ['id', 'owner', 'team', 'state', 'size', 'lead', 'grade'],
      })),
  ],
  ['the computed field', (rules) => withRules(rules, (rule) => ({ ...rule, showsLabel: true }))],
])(
  'it is seen when %s are left out',
  async (_what, weaken) => {
    let isSeen = false;
    await fc.check(
      fc.asyncProperty(anyCase, async (each) => {
        const request = await requestOf(each);
        const more = seenRows(weaken(rulesOf(each.role)), each.world, each.user);
        await Promise.all([load(real, each.world), load(seen, more)]);
        const [actual, expected] = await Promise.all([ask(real, each, request), ask(seen, each, request)]);
        isSeen = JSON.stringify(actual) !== JSON.stringify(expected);
        return !isSeen;
      }),
      { numRuns: 3000, endOnFailure: true },
    );
    expect(isSeen).toBe(true);
  },
  120_000,
);

/** Mulberry32. */
function randomNumbers(start: number): (end: number) => number {
  let state = start >>> 0;
  return (end) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) % end;
  };
}
