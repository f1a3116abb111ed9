/**
 * Random rules, rows and conditions: what PostgreSQL answers to the rendered statement is what a small evaluator of the rules says. The last test puts
 * leaks in on purpose and sees them found.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../src/database/index.ts';
import type { ColumnPair, Table } from '../../src/permissions/index.ts';
import type { BooleanExpression, GuardedRows, Operand, Value } from '../../src/plan/index.ts';
import { renderSelects } from '../../src/sql/index.ts';
import { createTestDatabase, type TestDatabase } from '../support/index.ts';
import {
  aggregate,
  by,
  cell,
  cells,
  column,
  compare,
  given,
  guarded,
  int4,
  int8,
  list,
  nested,
  one,
  pairs,
  root,
  session,
  set,
  table,
  text,
  value,
  yes,
} from '../support/plans.ts';
import { type DataRow, holds, valueOfOperand, visibleRows, type World } from './evaluate.ts';

const person = table('person', { id: int4, boss: int4, score: int4, tag: text });
const item = table('item', { id: int4, owner: int4, size: int4, tag: text });
const bossOf = pairs(person, person, { boss: 'id' });
const staffOf = pairs(person, person, { id: 'boss' });
const itemsOf = pairs(person, item, { id: 'owner' });
const ownerOf = pairs(item, person, { owner: 'id' });

const relationships: ReadonlyMap<
  Table,
  readonly { readonly target: Table; readonly join: readonly ColumnPair[] }[]
> = new Map([
  [
    person,
    [
      { target: person, join: bossOf },
      { target: person, join: staffOf },
      { target: item, join: itemsOf },
    ],
  ],
  [item, [{ target: person, join: ownerOf }]],
]);

let created: TestDatabase;
let db: Database;
beforeAll(async () => {
  created = await createTestDatabase();
  await created.sql(`create table person (id int primary key, boss int, score int, tag text collate "C");
    create table item (id int primary key, owner int, size int, tag text collate "C")`);
  db = openDatabase({ url: created.url, maxConnections: 1 });
});
afterAll(async () => {
  await db.close();
  await created.drop();
});

// ---- generators ----------------------------------------------------------------------------------------------------------------

const small = fc.integer({ min: 1, max: 4 });
const tag = fc.constantFrom('a', 'b', "it's");
const dataRows = (makeRow: fc.Arbitrary<Record<string, number | string | null>>) =>
  fc
    .array(makeRow, { maxLength: 6 })
    .map((rows): DataRow[] => rows.map((row, index) => ({ id: index + 1, ...row })));

const world: fc.Arbitrary<World> = fc.record({
  data: fc
    .tuple(
      dataRows(fc.record({ boss: fc.option(small), score: fc.option(small), tag: fc.option(tag) })),
      dataRows(fc.record({ owner: fc.option(small), size: fc.option(small), tag: fc.option(tag) })),
    )
    .map(
      ([persons, items]) =>
        new Map([
          ['person', persons],
          ['item', items],
        ]),
    ),
  session: small.map((id) => new Map([['x-hasura-user-id', String(id)]])),
});

const integers = { person: ['id', 'boss', 'score'], item: ['id', 'owner', 'size'] } as const;

function integerValue(): fc.Arbitrary<Value> {
  return fc.oneof(
    small.map((number) => given(String(number), int4)),
    fc.constant(session('x-hasura-user-id', int4)),
    fc.constant(given(null, int4)),
  );
}

/** A condition on a row of the table; `rootTable` is where it was defined. */
function condition(of: Table, rootTable: Table, depth: number): fc.Arbitrary<BooleanExpression> {
  const names = integers[of.name as keyof typeof integers];
  const operand: fc.Arbitrary<Operand> = fc.constantFrom(...names).map((name) => cell(of, name));
  const operators = fc.constantFrom('eq', 'neq', 'gt', 'lt', 'gte', 'lte');
  const leaf = fc.oneof(
    fc
      .tuple(operand, operators, integerValue(), fc.boolean())
      .map(([left, operator, right, isNullSafe]) => compare(left, operator, right, { isNullSafe })),
    fc
      .tuple(operators, tag)
      .map(([operator, right]) => compare(cell(of, 'tag'), operator, given(right, text))),
    fc
      .tuple(
        operand,
        fc.constantFrom('in', 'nin'),
        fc.array(fc.oneof(small.map(String), fc.constant('NULL')), { maxLength: 3 }),
      )
      .map(([left, operator, elements]) =>
        compare(left, operator, given(`{${elements.join(',')}}`, int4, { isArray: true })),
      ),
    fc
      .tuple(operand, fc.boolean())
      .map(([left, isNull]): BooleanExpression => ({ kind: 'null-test', operand: left, isNull })),
    fc
      .tuple(operand, operators, fc.constantFrom(...names))
      .map(([left, operator, name]) =>
        compare(left, operator, { kind: 'column', column: column(of, name), of: 'current' }),
      ),
    fc
      .tuple(operand, operators, fc.constantFrom(...integers[rootTable.name as keyof typeof integers]))
      .map(([left, operator, name]) =>
        compare(left, operator, { kind: 'column', column: column(rootTable, name), of: 'root' }),
      ),
    fc.boolean().map((constant): BooleanExpression => ({ kind: 'constant', value: constant })),
  );
  if (depth === 0) return leaf;
  const deeper = condition(of, rootTable, depth - 1);
  const steps = relationships.get(of) ?? [];
  return fc.oneof(
    { weight: 3, arbitrary: leaf },
    {
      weight: 2,
      arbitrary: fc
        .array(deeper, { maxLength: 3 })
        .map((operands): BooleanExpression => ({ kind: 'and', operands })),
    },
    {
      weight: 2,
      arbitrary: fc
        .array(deeper, { maxLength: 3 })
        .map((operands): BooleanExpression => ({ kind: 'or', operands })),
    },
    { weight: 2, arbitrary: deeper.map((negated): BooleanExpression => ({ kind: 'not', operand: negated })) },
    {
      weight: 3,
      arbitrary: fc
        .constantFrom(...steps)
        .chain(({ target, join }) =>
          fc
            .tuple(guard(target, depth - 1), condition(target, rootTable, depth - 1))
            .map(([rows, where]): BooleanExpression => ({ kind: 'exists', rows, join, where })),
        ),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(...steps).chain(({ target, join }) =>
        fc
          .tuple(
            guard(target, depth - 1),
            condition(target, rootTable, 0),
            operators,
            fc.integer({ min: 0, max: 2 }),
            fc.boolean(),
            fc.boolean(),
          )
          .map(
            ([rows, filter, operator, number, isDistinct, ofColumn]): BooleanExpression => ({
              kind: 'aggregate-test',
              rows,
              join,
              filter,
              aggregate: {
                function: 'count',
                operands: ofColumn ? [cell(target, 'tag')] : [],
                isDistinct: ofColumn && isDistinct,
              },
              predicate: compare({ kind: 'aggregate-result' }, operator, given(String(number), int8)),
            }),
          ),
      ),
    },
  );
}

function guard(of: Table, depth: number): fc.Arbitrary<GuardedRows> {
  return fc.oneof(
    fc.constant(guarded(of)),
    condition(of, of, depth).map((filter) => guarded(of, filter)),
  );
}

interface Question {
  readonly persons: GuardedRows;
  readonly bosses: GuardedRows;
  readonly items: GuardedRows;
  readonly where: BooleanExpression;
  readonly score: Operand;
  readonly limit: number;
}

const question: fc.Arbitrary<Question> = fc.record({
  persons: guard(person, 2),
  bosses: guard(person, 1),
  items: guard(item, 2),
  where: condition(person, person, 2),
  score: condition(person, person, 1).map((visibleWhen) => cell(person, 'score', visibleWhen)),
  limit: fc.integer({ min: 0, max: 3 }),
});

// ---- both answers --------------------------------------------------------------------------------------------------------------

/** Everything that a person's row can lead to: a redacted cell, a related row, related rows under a limit, an aggregate. */
function planOf({ persons, bosses, items, where, score, limit }: Question) {
  const inOrder = [by(cell(item, 'id'))];
  return root(
    'person',
    list(set(persons, { where, orderBy: [by(score, 'desc'), by(cell(person, 'id'))] }), [
      ...cells(person, 'id'),
      value('score', score),
      nested('boss', one(set(bosses, { join: bossOf }), cells(person, 'id'))),
      nested(
        'items',
        list(set(items, { join: itemsOf, orderBy: inOrder }), cells(item, 'id', 'tag'), {
          permissionLimit: limit,
        }),
      ),
      nested(
        'items_aggregate',
        aggregate(
          set(items, { join: itemsOf, orderBy: inOrder }),
          [
            {
              key: 'aggregate',
              kind: 'aggregate',
              output: [{ key: 'count', kind: 'count', operands: [], isDistinct: false }],
            },
            { key: 'nodes', kind: 'nodes', output: cells(item, 'id') },
          ],
          limit,
        ),
      ),
    ]),
  );
}

function expectedAnswer({ persons, bosses, items, where, score, limit }: Question, inWorld: World): unknown {
  return visibleRows(persons, inWorld)
    .filter((row) => holds(where, row, inWorld))
    .map((row) => ({ row, score: valueOfOperand(score, row, inWorld) }))
    .sort((a, b) => compareDescending(a.score, b.score) || Number(a.row['id']) - Number(b.row['id']))
    .map(({ row, score: shown }) => {
      const [boss] = visibleRows(bosses, inWorld, { row, join: bossOf });
      const owned = visibleRows(items, inWorld, { row, join: itemsOf });
      return {
        id: row['id'],
        score: shown,
        boss: boss === undefined ? null : { id: boss['id'] },
        items: owned.slice(0, limit).map(({ id, tag: shownTag }) => ({ id, tag: shownTag })),
        items_aggregate: {
          aggregate: { count: owned.length },
          nodes: owned.slice(0, limit).map(({ id }) => ({ id })),
        },
      };
    });
}

/** NULL first, then the largest. */
function compareDescending(a: unknown, b: unknown): number {
  if (a === b) return 0;
  if (a === null) return -1;
  if (b === null) return 1;
  return Number(b) - Number(a);
}

async function actualAnswer(asked: Question, inWorld: World): Promise<unknown> {
  const insert = [...inWorld.data].map(
    ([name, rows]) =>
      `insert into ${name} select * from json_populate_recordset(null::${name}, '${JSON.stringify(rows).replaceAll("'", "''")}')`,
  );
  await db.script(`truncate person, item; ${insert.join(';')}`);
  const statement = renderSelects([planOf(asked)]);
  const [bytes] = await db.queryBytes(
    {
      text: statement.text,
      parameters: statement.parameters.map((source) => {
        if (source.kind === 'literal') return source.text;
        return source.kind === 'session' ? (inWorld.session.get(source.variable) ?? null) : null;
      }),
    },
    { prepare: false },
  );
  return JSON.parse(Buffer.concat(bytes ?? []).toString());
}

// ---- tests ---------------------------------------------------------------------------------------------------------------------

test('PostgreSQL answers what the rules say', async () => {
  await fc.assert(
    fc.asyncProperty(question, world, async (asked, inWorld) => {
      expect(await actualAnswer(asked, inWorld)).toEqual(expectedAnswer(asked, inWorld));
    }),
    { numRuns: 1000 },
  );
}, 120_000);

test.each<[string, (asked: Question) => Question]>([
  ['the filter of the rows', (asked) => ({ ...asked, persons: guarded(person) })],
  ['the filter of a related row', (asked) => ({ ...asked, bosses: guarded(person) })],
  ['the filter of related rows', (asked) => ({ ...asked, items: guarded(item) })],
  ['the redaction of a cell', (asked) => ({ ...asked, score: cell(person, 'score') })],
  ['the filter inside of a condition', (asked) => ({ ...asked, where: withoutGuards(asked.where) })],
])(
  'a leak is found when %s is left out',
  async (_what, leak) => {
    const result = await fc.check(
      fc.asyncProperty(question, world, async (asked, inWorld) => {
        expect(await actualAnswer(leak(asked), inWorld)).toEqual(expectedAnswer(asked, inWorld));
      }),
      { numRuns: 1500, endOnFailure: true },
    );
    expect(result.failed).toBe(true);
  },
  120_000,
);

function withoutGuards(expression: BooleanExpression): BooleanExpression {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return { ...expression, operands: expression.operands.map(withoutGuards) };
    case 'not':
      return { ...expression, operand: withoutGuards(expression.operand) };
    case 'exists':
      return {
        ...expression,
        rows: guarded(expression.rows.table, yes),
        where: withoutGuards(expression.where),
      };
    default:
      return expression;
  }
}
