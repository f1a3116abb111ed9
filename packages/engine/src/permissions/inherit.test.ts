import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Cell, evaluate, type Row, type Session } from '../../test/support/evaluate-expression.ts';
import { makeModel, tableOf } from '../../test/support/model-fixture.ts';
import { printExpression } from '../../test/support/print-expression.ts';
import type { InsertPermission, SelectPermission } from '../metadata/index.ts';
import type { JsonObject } from '../support/index.ts';
import { RuleCompiler } from './compile-rules.ts';
import { type DeclaredRules, inheritRules } from './inherit.ts';
import type { SelectRule, TableRules } from './types.ts';
import { uniteSelects } from './unite-selects.ts';

const columnNames = ['id', 'owner', 'level'];
const table = tableOf(
  makeModel({ tables: { item: { columns: 'id int4!, owner int4, level int4' } } }),
  'item',
);
const compiler = new RuleCompiler(table, { findTable: () => undefined });
const select = (permission: Partial<SelectPermission>) =>
  compiler.select('parent', { columns: [], filter: {}, ...permission });

describe('select', () => {
  test('rows are united, cells follow the parents that grant them', () => {
    const rule = uniteSelects('both', [
      select({ columns: ['id', 'level'], filter: { owner: 'x-hasura-owner' } }),
      select({ columns: ['level'], filter: { level: 1 } }),
    ]);
    expect(rule && printExpression(rule.rows.filter)).toBe(
      "(owner eq $x-hasura-owner::integer or level eq '1'::integer)",
    );
    expect([...(rule?.columns.keys() ?? [])]).toEqual(['id', 'level']);
    expect(rule?.columns.get('level')?.visibleWhen).toBeNull();
    const idCondition = rule?.columns.get('id')?.visibleWhen;
    expect(idCondition && printExpression(idCondition)).toBe('owner eq $x-hasura-owner::integer');
  });

  test('the variables of all parents are needed, also beside one that shows every row', () => {
    const rule = uniteSelects('both', [
      select({ columns: ['id'] }),
      select({ columns: ['id', 'level'], filter: { owner: 'x-hasura-owner' } }),
    ]);
    expect(rule && printExpression(rule.rows.filter)).toBe('(true or owner eq $x-hasura-owner::integer)');
    const ofOneRole = compiler.select('one', {
      rules: [
        { columns: ['id'], filter: {} },
        { columns: ['id', 'level'], filter: { owner: 'x-hasura-owner' } },
      ],
    });
    expect(printExpression(ofOneRole.rows.filter)).toBe('true');
    expect(ofOneRole.columns.get('id')?.visibleWhen).toBeNull();
  });

  test('one parent is taken as it is', () => {
    const parent = select({ columns: ['id'], limit: 3 });
    expect(uniteSelects('heir', [parent])).toEqual({ ...parent, role: 'heir' });
    expect(uniteSelects('heir', [])).toBeNull();
  });

  test('the largest given limit counts, and a parent without one is ignored', () => {
    const limit = (...limits: (number | null)[]) =>
      uniteSelects(
        'heir',
        limits.map((each) => select({ limit: each })),
      )?.limit;
    expect(limit(null, 2, 4)).toBe(4);
    expect(limit(null, null)).toBeNull();
  });

  test('aggregations and root fields are united', () => {
    const rule = uniteSelects('heir', [
      select({ columns: ['id'], query_root_fields: ['select'], subscription_root_fields: [] }),
      select({ columns: ['id'], allow_aggregations: true, query_root_fields: ['select_by_pk'] }),
    ]);
    expect(rule?.allowsAggregations).toBe(true);
    expect([...(rule?.queryRootFields ?? [])]).toEqual(['select', 'select_by_pk']);
    expect(rule?.subscriptionRootFields.size).toBe(4);
  });
});

// A parent that shows every row shows its columns' cells on every row, but the cell stays conditional in form: its type is nullable.
test('a column that not every parent grants is conditional even where its condition always holds', () => {
  const rule = uniteSelects('heir', [select({ columns: ['id'] }), select({ columns: ['level'] })]);
  expect(rule?.columns.get('id')?.visibleWhen).toEqual({ kind: 'constant', value: true });
});

describe('the property: an inherited role sees exactly what some parent shows', () => {
  const filter: fc.Arbitrary<JsonObject> = fc.letrec<{ expression: JsonObject; comparison: JsonObject }>(
    (tie) => ({
      comparison: fc
        .tuple(
          fc.constantFrom('owner', 'level'),
          fc.constantFrom('_eq', '_ne', '_gt', '_lt'),
          fc.oneof(fc.integer({ min: 0, max: 2 }), fc.constant('X-Hasura-Owner'), fc.constant(null)),
        )
        .map(([column, operator, value]) => ({ [column]: { [operator]: value } })),
      expression: fc.oneof(
        { maxDepth: 2 },
        tie('comparison'),
        fc.constant({}),
        fc.array(tie('expression'), { maxLength: 2 }).map((all) => ({ _and: all })),
        fc.array(tie('expression'), { maxLength: 2 }).map((all) => ({ _or: all })),
        tie('expression').map((one) => ({ _not: one })),
      ),
    }),
  ).expression;
  const permission = fc.record({ columns: fc.subarray(columnNames), filter });
  const cell: fc.Arbitrary<Cell> = fc.option(fc.integer({ min: 0, max: 2 }));
  const row: fc.Arbitrary<Row> = fc.record({ id: fc.integer({ min: 0, max: 2 }), owner: cell, level: cell });
  const session: fc.Arbitrary<Session> = fc
    .integer({ min: 0, max: 2 })
    .map((owner) => ({ 'x-hasura-owner': String(owner) }));

  /** Directly from the parents' permissions: what the answer shows of a row; null when the row is not shown. */
  function naiveView(parents: readonly SelectRule[], of: Row, as: Session): Record<string, Cell> | null {
    const showing = parents.filter((parent) => evaluate(parent.rows.filter, of, as) === true);
    if (showing.length === 0) return null;
    const granted = columnNames.filter((name) => parents.some((parent) => parent.columns.has(name)));
    return Object.fromEntries(
      granted.map((name) => [
        name,
        showing.some((parent) => parent.columns.has(name)) ? (of[name] ?? null) : null,
      ]),
    );
  }

  function view(rule: SelectRule, of: Row, as: Session): Record<string, Cell> | null {
    if (evaluate(rule.rows.filter, of, as) !== true) return null;
    return Object.fromEntries(
      [...rule.columns.values()].map(({ column, visibleWhen }) => {
        const isVisible = visibleWhen === null || evaluate(visibleWhen, of, as) === true;
        return [column.name, isVisible ? (of[column.name] ?? null) : null];
      }),
    );
  }

  test('over one generation', () => {
    fc.assert(
      fc.property(
        fc.array(permission, { minLength: 1, maxLength: 4 }),
        row,
        session,
        (permissions, of, as) => {
          const parents = permissions.map((each) => select(each));
          const rule = uniteSelects('heir', parents);
          expect(rule && view(rule, of, as)).toEqual(naiveView(parents, of, as));
        },
      ),
      { numRuns: 300 },
    );
  });

  test('over two generations', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(permission, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 }),
        row,
        session,
        (families, of, as) => {
          const parents = families.map((family) => family.map((each) => select(each)));
          const middle = parents
            .map((family) => uniteSelects('middle', family))
            .filter((rule) => rule !== null);
          const rule = uniteSelects('heir', middle);
          expect(rule && view(rule, of, as)).toEqual(naiveView(parents.flat(), of, as));
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('mutations', () => {
  const nothing: TableRules = { select: null, insert: null, update: null, delete: null };
  const declared = (
    rules: Partial<TableRules>,
    broken: readonly (keyof TableRules)[] = [],
  ): DeclaredRules => ({
    rules: { ...nothing, ...rules },
    broken: new Set(broken),
  });
  const insert = (permission: Partial<InsertPermission>) =>
    declared({ insert: compiler.insert('parent', { check: {}, ...permission }) });

  test('are taken over when the parents that define them agree, whatever the order of lists', () => {
    const one = { _and: [{ id: 1 }, { owner: 'X-Hasura-Owner' }] };
    const two = { _and: [{ owner: 'x-hasura-owner' }, { id: 1 }] };
    const parents = [
      insert({ columns: ['id', 'owner'], check: one }),
      insert({ columns: ['owner', 'id'], check: two }),
      declared({}),
    ];
    const { rules, conflicts } = inheritRules('heir', parents, undefined);
    expect(conflicts).toEqual([]);
    expect(rules.insert?.role).toBe('heir');
    expect([...(rules.insert?.columns.keys() ?? [])]).toEqual(['id', 'owner']);
  });

  test('are lost when parents differ, and that is told', () => {
    const parents = [insert({ columns: ['id'] }), insert({ columns: ['id', 'owner'] })];
    expect(inheritRules('heir', parents, undefined)).toMatchObject({
      rules: { insert: null },
      conflicts: ['insert'],
    });
    expect(inheritRules('heir', [insert({ check: { id: 1 } }), insert({})], undefined).conflicts).toEqual([
      'insert',
    ]);
  });

  test('an explicit permission replaces what would be derived', () => {
    const own = insert({ columns: ['level'] });
    const parents = [insert({ columns: ['id'] }), insert({ columns: ['id', 'owner'] })];
    expect(inheritRules('heir', parents, own)).toMatchObject({
      rules: { insert: own.rules.insert },
      conflicts: [],
    });
  });

  test('nothing stands in for an explicit permission that is not in force', () => {
    const parent = declared({ ...insert({}).rules, select: select({ columns: ['id'] }) });
    const { rules } = inheritRules('heir', [parent], declared({}, ['insert', 'select']));
    expect(rules.insert).toBeNull();
    expect(rules.select).toBeNull();
  });

  test('nothing is taken over when the permission of one parent is not in force', () => {
    const { rules, broken } = inheritRules('heir', [insert({}), declared({}, ['insert'])], undefined);
    expect(rules.insert).toBeNull();
    expect(broken.has('insert')).toBe(true);
  });
});
