/**
 * One select rule from several: those of an inherited role's parents, or those that one role has on one table.
 * Source: spec/permissions.md 7.2.
 */
import { canonicalExpression } from './canonical.ts';
import { allOf, always, anyOf, fold } from './expressions.ts';
import { makeRows, tableRows } from './guard.ts';
import { queryRootFields, subscriptionRootFields } from './root-fields.ts';
import type { BooleanExpression, ColumnGrant, ComputedFieldGrant, SelectRule } from './types.ts';

/**
 * A row is visible if any rule shows it; a cell is visible if a rule that shows the row grants the column, else it is NULL.
 * The limit is the largest of those that are given, a rule without one being ignored.
 */
export function uniteSelects(role: string, rules: readonly SelectRule[]): SelectRule | null {
  const [first, ...others] = rules;
  if (first === undefined) return null;
  if (others.length === 0) return { ...first, role };
  const { table } = first.rows;
  const limits = rules.map((rule) => rule.limit).filter((limit) => limit !== null);
  const columns = new Map<string, ColumnGrant>();
  for (const column of table.columns.values()) {
    const combined = combine(rules, (rule) => rule.columns.get(column.name));
    if (combined !== null) columns.set(column.name, { column, visibleWhen: combined.visibleWhen });
  }
  const computedFields = new Map<string, ComputedFieldGrant>();
  for (const { field } of rules.flatMap((rule) => [...rule.computedFields.values()])) {
    const combined = combine(rules, (rule) => rule.computedFields.get(field.name));
    if (combined !== null) computedFields.set(field.name, { field, visibleWhen: combined.visibleWhen });
  }
  return {
    role,
    rows: makeRows(table, tableRows, anyOfDistinct(rules.map((rule) => rule.rows.filter))),
    columns,
    computedFields,
    limit: limits.length === 0 ? null : Math.max(...limits),
    allowsAggregations: rules.some((rule) => rule.allowsAggregations),
    queryRootFields: union(rules, queryRootFields, (rule) => rule.queryRootFields),
    subscriptionRootFields: union(rules, subscriptionRootFields, (rule) => rule.subscriptionRootFields),
    alternatives: rules,
  };
}

/**
 * The same rule, with cells that are visible on every row of it granted without a condition, so that their types stay as in the database, and without
 * conditions that decide nothing, so that their session variables are not needed.
 * An inherited role's rule is not simplified: the contract has such cells nullable, and needs the variables of all parents.
 */
export function simplifySelect(rule: SelectRule): SelectRule {
  const filter = fold(rule.rows.filter);
  const everyRow = canonicalExpression(filter);
  const simplify = <G extends Grant>(grant: G): G => {
    if (grant.visibleWhen === null) return grant;
    const visibleWhen = fold(grant.visibleWhen);
    const isEverywhere = visibleWhen === always || canonicalExpression(visibleWhen) === everyRow;
    return { ...grant, visibleWhen: isEverywhere ? null : visibleWhen };
  };
  const { table, source } = rule.rows;
  return {
    ...rule,
    rows: filter === rule.rows.filter ? rule.rows : makeRows(table, source, filter),
    columns: mapValues(rule.columns, simplify),
    computedFields: mapValues(rule.computedFields, simplify),
  };
}

function mapValues<K, V>(map: ReadonlyMap<K, V>, change: (value: V) => V): ReadonlyMap<K, V> {
  return new Map([...map].map(([key, value]) => [key, change(value)]));
}

interface Grant {
  readonly visibleWhen: BooleanExpression | null;
}

/**
 * Null: no rule grants it. Without a condition only if every rule grants it so: then whoever shows the row shows the cell. Otherwise the
 * cell shows where a granting rule shows the row and, when its own grant is conditional, that condition holds.
 */
function combine(
  rules: readonly SelectRule[],
  grantOf: (rule: SelectRule) => Grant | undefined,
): Grant | null {
  const conditions: BooleanExpression[] = [];
  let isPlain = true;
  for (const rule of rules) {
    const grant = grantOf(rule);
    if (grant === undefined || grant.visibleWhen !== null) isPlain = false;
    if (grant === undefined) continue;
    const { filter } = rule.rows;
    conditions.push(grant.visibleWhen === null ? filter : allOf([filter, grant.visibleWhen]));
  }
  if (conditions.length === 0) return null;
  return { visibleWhen: isPlain ? null : anyOfDistinct(conditions) };
}

/** Rules often have the same filter; it is tested once. */
function anyOfDistinct(expressions: readonly BooleanExpression[]): BooleanExpression {
  const byText = new Map(expressions.map((expression) => [canonicalExpression(expression), expression]));
  return anyOf([...byText.values()]);
}

function union<F extends string>(
  rules: readonly SelectRule[],
  all: ReadonlySet<F>,
  fieldsOf: (rule: SelectRule) => ReadonlySet<F>,
): ReadonlySet<F> {
  const united = [...all].filter((field) => rules.some((rule) => fieldsOf(rule).has(field)));
  return united.length === all.size ? all : new Set(united);
}
