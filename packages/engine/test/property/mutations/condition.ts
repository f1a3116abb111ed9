/**
 * Conditions as metadata and requests write them, and what they mean: a judge over rows in memory, written from spec/permissions.md 3 and not from the engine.
 */
import fc from 'fast-check';
import type { JsonLike } from '../../support/project.ts';

export type Cell = number | string | null;
export type Row = Readonly<Record<string, Cell>>;
export type TableName = 'task' | 'team';
export type World = Readonly<Record<TableName, readonly Row[]>>;
export type Condition = { readonly [key: string]: JsonLike };
export type Truth = boolean | null;

export const tables = {
  task: {
    integers: ['id', 'owner', 'team', 'size'],
    texts: ['state'],
    defaults: { owner: null, team: null, state: 'new', size: 2 },
    relationships: { team_of: { to: 'team', from: 'team', on: 'id' } },
  },
  team: {
    integers: ['id', 'lead', 'grade'],
    texts: [],
    defaults: { lead: null, grade: 1 },
    relationships: { tasks: { to: 'task', from: 'id', on: 'team' } },
  },
} as const satisfies Record<TableName, unknown>;

const userVariable = 'X-Hasura-User-Id';

export interface Standing {
  readonly world: World;
  readonly user: number;
}

/** The condition on `row` of the table; `root` is the row of the rule that it belongs to. */
export function judge(
  condition: Condition,
  table: TableName,
  row: Row,
  standing: Standing,
  root: Row = row,
): Truth {
  return all(
    Object.entries(condition).map(([key, value]): Truth => {
      const inner = (each: JsonLike) => judge(each as Condition, table, row, standing, root);
      switch (key) {
        case '_and':
          return all((value as readonly JsonLike[]).map(inner));
        case '_or':
          return negate(all((value as readonly JsonLike[]).map((each) => negate(inner(each)))));
        case '_not':
          return negate(inner(value));
        case '_exists': {
          const { _table, _where } = value as { _table: { name: TableName }; _where: Condition };
          return standing.world[_table.name].some(
            (other) => judge(_where, _table.name, other, standing, root) === true,
          );
        }
        default:
          break;
      }
      const relationship = (
        tables[table].relationships as Record<string, { to: TableName; from: string; on: string }>
      )[key];
      if (relationship === undefined) {
        return all(
          Object.entries(value as Condition).map(([operator, right]) =>
            compare(row[key] ?? null, operator, rightValue(operator, right, row, standing, root)),
          ),
        );
      }
      const { to, from, on } = relationship;
      return standing.world[to].some(
        (other) =>
          compare(other[on] ?? null, '_eq', row[from] ?? null) === true &&
          judge(value as Condition, to, other, standing, root) === true,
      );
    }),
  );
}

type Right = Cell | boolean | readonly Cell[];

function rightValue(operator: string, right: JsonLike, row: Row, { user }: Standing, root: Row): Right {
  if (operator.startsWith('_c')) {
    return Array.isArray(right) ? (root[String(right[1])] ?? null) : (row[String(right)] ?? null);
  }
  return right === userVariable ? user : (right as Right);
}

function compare(left: Cell, operator: string, right: Right): Truth {
  if (operator === '_is_null') return (left === null) === right;
  if (Array.isArray(right)) {
    const isMember =
      right.length === 0
        ? false
        : negate(all((right as Cell[]).map((each) => negate(compare(left, '_eq', each)))));
    return operator === '_in' ? isMember : negate(isMember);
  }
  if (left === null || right === null) return null;
  switch (operator.replace('_c', '_')) {
    case '_eq':
      return left === right;
    case '_neq':
      return left !== right;
    case '_gt':
      return left > (right as Cell & {});
    case '_lt':
      return left < (right as Cell & {});
    case '_gte':
      return left >= (right as Cell & {});
    case '_lte':
      return left <= (right as Cell & {});
    default:
      throw new Error(`the judge does not know ${operator}`);
  }
}

function negate(truth: Truth): Truth {
  return truth === null ? null : !truth;
}

function all(truths: readonly Truth[]): Truth {
  if (truths.includes(false)) return false;
  return truths.includes(null) ? null : true;
}

// ---- random conditions -----------------------------------------------------------------------------------------------------------

export const small = fc.integer({ min: 1, max: 3 });
export const word = fc.constantFrom('a', 'new', "it's");
const orders = fc.constantFrom('_eq', '_neq', '_gt', '_lt', '_gte', '_lte');
const columnOrders = fc.constantFrom('_ceq', '_cneq', '_cgt', '_clt', '_cgte', '_clte');

/** What both rules and clients may write; clients neither name session variables nor other columns. */
export function condition(
  table: TableName,
  by: 'rule' | 'client',
  depth = 2,
  rootTable: TableName = table,
): fc.Arbitrary<Condition> {
  const { integers, texts, relationships } = tables[table];
  const integer = fc.constantFrom<string>(...integers);
  const inList = fc.record({
    operator: fc.constantFrom('_in', '_nin'),
    values: fc.array(small, { maxLength: 3 }),
  });
  const leaves: fc.Arbitrary<Condition>[] = [
    fc.tuple(integer, orders, small).map(([name, operator, value]) => ({ [name]: { [operator]: value } })),
    fc.tuple(integer, inList).map(([name, { operator, values }]) => ({ [name]: { [operator]: values } })),
    fc.tuple(integer, fc.boolean()).map(([name, value]) => ({ [name]: { _is_null: value } })),
    fc.constant({}),
  ];
  if (texts.length > 0) {
    leaves.push(
      fc.tuple(orders, word).map(([operator, value]) => ({ [texts[0] as string]: { [operator]: value } })),
    );
  }
  if (by === 'rule') {
    const rootInteger = fc.constantFrom<string>(...tables[rootTable].integers);
    leaves.push(
      fc.tuple(integer, orders).map(([name, operator]) => ({ [name]: { [operator]: userVariable } })),
      integer.map((name) => ({ [name]: { _eq: userVariable } })),
      fc
        .tuple(integer, columnOrders, integer)
        .map(([name, operator, other]) => ({ [name]: { [operator]: other } })),
      fc
        .tuple(integer, columnOrders, rootInteger)
        .map(([name, operator, other]) => ({ [name]: { [operator]: ['$', other] } })),
    );
  }
  const leaf = fc.oneof(...leaves);
  if (depth === 0) return leaf;
  const deeper = condition(table, by, depth - 1, rootTable);
  const [[relationship, { to }]] = Object.entries(relationships) as [[string, { to: TableName }]];
  const related = condition(to, by, depth - 1, rootTable);
  const branches = [
    fc.array(deeper, { maxLength: 3 }).map((each): Condition => ({ _and: each })),
    fc.array(deeper, { maxLength: 3 }).map((each): Condition => ({ _or: each })),
    deeper.map((each): Condition => ({ _not: each })),
    related.map((each): Condition => ({ [relationship]: each })),
  ];
  if (by === 'rule') {
    branches.push(
      related.map(
        (each): Condition => ({ _exists: { _table: { schema: 'public', name: to }, _where: each } }),
      ),
    );
  }
  return fc.oneof({ weight: 4, arbitrary: leaf }, ...branches.map((arbitrary) => ({ weight: 1, arbitrary })));
}
