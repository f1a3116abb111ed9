/**
 * The rules of an inherited role from those of its parents. Source: spec/permissions.md 7.
 */
import { canonicalDelete, canonicalExpression, canonicalInsert, canonicalUpdate } from './canonical.ts';
import { allOf, anyOf } from './expressions.ts';
import { makeRows, tableRows } from './guard.ts';
import { queryRootFields, subscriptionRootFields } from './root-fields.ts';
import type {
  BooleanExpression,
  ColumnGrant,
  ComputedFieldGrant,
  DeleteRule,
  InsertRule,
  SelectRule,
  TableRules,
  UpdateRule,
} from './types.ts';

export type MutationKind = 'insert' | 'update' | 'delete';

/** The rules of a role on a table, and the operations whose declared permission does not fit the table. */
export interface DeclaredRules {
  readonly rules: TableRules;
  /** Declared, but not in force: nothing may be derived in its place. */
  readonly broken: ReadonlySet<keyof TableRules>;
}

export interface InheritedRules extends DeclaredRules {
  /** Operations that the parents define differently: the inherited role does not have them. */
  readonly conflicts: readonly MutationKind[];
}

/**
 * @param parents the rules of the role's parents on one table, their own inheritance done
 * @param explicit what is declared for the inherited role itself; it replaces what would be derived, operation by operation
 */
export function inheritRules(
  role: string,
  parents: readonly DeclaredRules[],
  explicit: DeclaredRules | undefined,
): InheritedRules {
  const conflicts: MutationKind[] = [];
  const broken = new Set(explicit?.broken);
  const agreed = <R extends { readonly role: string }>(
    kind: MutationKind,
    ruleOf: (rules: TableRules) => R | null,
    print: (rule: R) => string,
  ): R | null => {
    const own = explicit === undefined ? null : ruleOf(explicit.rules);
    if (own !== null || broken.has(kind)) return own;
    // Whether the parents agree cannot be told when the permission of one is not in force.
    if (parents.some((parent) => parent.broken.has(kind))) {
      broken.add(kind);
      return null;
    }
    const [first, ...others] = parents.map((parent) => ruleOf(parent.rules)).filter((rule) => rule !== null);
    if (first === undefined) return null;
    if (others.every((other) => print(other) === print(first))) return { ...first, role };
    conflicts.push(kind);
    return null;
  };
  const own = explicit?.rules.select ?? null;
  const selects = parents.map((parent) => parent.rules.select).filter((rule) => rule !== null);
  const rules: TableRules = {
    select: own !== null || broken.has('select') ? own : inheritSelect(role, selects),
    insert: agreed<InsertRule>('insert', (of) => of.insert, canonicalInsert),
    update: agreed<UpdateRule>('update', (of) => of.update, canonicalUpdate),
    delete: agreed<DeleteRule>('delete', (of) => of.delete, canonicalDelete),
  };
  return { rules, broken, conflicts };
}

/**
 * A row is visible if any parent shows it; a cell is visible if a parent that shows the row grants the column, else it is NULL.
 * The limit is the largest of those that are given, a parent without one being ignored.
 */
export function inheritSelect(role: string, parents: readonly SelectRule[]): SelectRule | null {
  const [first, ...others] = parents;
  if (first === undefined) return null;
  if (others.length === 0) return { ...first, role };
  const { table } = first.rows;
  const limits = parents.map((parent) => parent.limit).filter((limit) => limit !== null);
  const columns = new Map<string, ColumnGrant>();
  for (const column of table.columns.values()) {
    const combined = combine(parents, (parent) => parent.columns.get(column.name));
    if (combined !== null) columns.set(column.name, { column, visibleWhen: combined.visibleWhen });
  }
  const computedFields = new Map<string, ComputedFieldGrant>();
  for (const field of table.computedFields.values()) {
    const combined = combine(parents, (parent) => parent.computedFields.get(field.name));
    if (combined !== null) computedFields.set(field.name, { field, visibleWhen: combined.visibleWhen });
  }
  return {
    role,
    rows: makeRows(table, tableRows, anyOfDistinct(parents.map((parent) => parent.rows.filter))),
    columns,
    computedFields,
    limit: limits.length === 0 ? null : Math.max(...limits),
    allowsAggregations: parents.some((parent) => parent.allowsAggregations),
    queryRootFields: union(parents, queryRootFields, (parent) => parent.queryRootFields),
    subscriptionRootFields: union(parents, subscriptionRootFields, (parent) => parent.subscriptionRootFields),
  };
}

interface Grant {
  readonly visibleWhen: BooleanExpression | null;
}

/**
 * Null: no parent grants it. Without a condition only if every parent grants it so: then whoever shows the row shows the cell. Otherwise the
 * cell shows where a granting parent shows the row and, when its own grant is conditional, that condition holds.
 */
function combine(
  parents: readonly SelectRule[],
  grantOf: (parent: SelectRule) => Grant | undefined,
): Grant | null {
  const conditions: BooleanExpression[] = [];
  let isPlain = true;
  for (const parent of parents) {
    const grant = grantOf(parent);
    if (grant === undefined || grant.visibleWhen !== null) isPlain = false;
    if (grant === undefined) continue;
    const { filter } = parent.rows;
    conditions.push(grant.visibleWhen === null ? filter : allOf([filter, grant.visibleWhen]));
  }
  if (conditions.length === 0) return null;
  return { visibleWhen: isPlain ? null : anyOfDistinct(conditions) };
}

/** Parents often have the same filter; it is tested once. */
function anyOfDistinct(expressions: readonly BooleanExpression[]): BooleanExpression {
  const byText = new Map(expressions.map((expression) => [canonicalExpression(expression), expression]));
  return anyOf([...byText.values()]);
}

function union<F extends string>(
  parents: readonly SelectRule[],
  all: ReadonlySet<F>,
  fieldsOf: (parent: SelectRule) => ReadonlySet<F>,
): ReadonlySet<F> {
  const united = [...all].filter((field) => parents.some((parent) => fieldsOf(parent).has(field)));
  return united.length === all.size ? all : new Set(united);
}
