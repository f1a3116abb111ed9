/**
 * Several insert, update or delete rules of one role on one table. A write is done under one of them, or under those that differ in nothing but the
 * rows that they admit; which, is known once the columns are known that the client gives.
 */
import { canonicalExpression, canonicalPresets } from './canonical.ts';
import { anyOf, fold, never } from './expressions.ts';
import type {
  BooleanExpression,
  Column,
  DeleteRule,
  InputValidation,
  InsertRule,
  Table,
  UpdateRule,
  Value,
} from './types.ts';

/** What stands for all the rules: it allows nothing by itself, so that forgetting the alternatives refuses instead of granting. */
export function uniteInserts(table: Table, role: string, rules: readonly InsertRule[]): InsertRule | null {
  return unite(rules, () => ({
    role,
    check: never,
    columns: unionOfColumns(table, rules),
    presets: noPresets,
    isBackendOnly: rules.every((rule) => rule.isBackendOnly),
    validation: null,
    alternatives: rules,
  }));
}

export function uniteUpdates(table: Table, role: string, rules: readonly UpdateRule[]): UpdateRule | null {
  return unite(rules, () => ({
    role,
    filter: never,
    check: never,
    columns: unionOfColumns(table, rules),
    presets: noPresets,
    isBackendOnly: rules.every((rule) => rule.isBackendOnly),
    validation: null,
    alternatives: rules,
  }));
}

export function uniteDeletes(role: string, rules: readonly DeleteRule[]): DeleteRule | null {
  return unite(rules, () => ({
    role,
    filter: never,
    isBackendOnly: rules.every((rule) => rule.isBackendOnly),
    validation: null,
    alternatives: rules,
  }));
}

/** The rules that a request may use which is not trusted with `backend_only` ones; null: none. */
export function frontendInsert(table: Table, rule: InsertRule): InsertRule | null {
  return uniteInserts(table, rule.role, frontend(rule));
}

export function frontendUpdate(table: Table, rule: UpdateRule): UpdateRule | null {
  return uniteUpdates(table, rule.role, frontend(rule));
}

export function frontendDelete(rule: DeleteRule): DeleteRule | null {
  return uniteDeletes(rule.role, frontend(rule));
}

/**
 * The rule under which rows are inserted for which the client gives these columns: the first that lists all of them, together with those that list them too and have
 * the same presets, whose checks are alternatives. Null: no rule lists all of them.
 */
export function insertRuleFor(rule: InsertRule, given: readonly Column[]): InsertRule | null {
  if (rule.alternatives === undefined) return rule;
  const candidates = rule.alternatives.filter((each) => lists(each, given));
  const [first] = candidates;
  if (first === undefined) return null;
  const used = candidates.filter((each) => hasSamePresets(each, first));
  return { ...first, columns: columnMap(given), check: any(used.map(({ check }) => check)) };
}

/**
 * The rule under which rows are changed when the client sets these columns: those that list all of them, those of equal presets and check as one.
 * Where several are left it depends on the row which of them is used, and they are the `alternatives` of what is given back. Null: no rule lists all of the columns.
 */
export function updateRuleFor(rule: UpdateRule, set: readonly Column[]): UpdateRule | null {
  if (rule.alternatives === undefined) return rule;
  // A rule under which nothing would change is none.
  const candidates = rule.alternatives.filter(
    (each) => lists(each, set) && (set.length > 0 || each.presets.size > 0),
  );
  const merged = groups(
    candidates,
    (one, other) => hasSamePresets(one, other) && hasSameCheck(one, other),
  ).map(
    (group): UpdateRule => ({
      // A group has its first member.
      ...(group[0] as UpdateRule),
      columns: columnMap(set),
      filter: any(group.map(({ filter }) => filter)),
    }),
  );
  const [first, ...others] = merged;
  if (first === undefined || others.length === 0) return first ?? null;
  return {
    ...first,
    presets: noPresets,
    check: never,
    filter: any(merged.map(({ filter }) => filter)),
    alternatives: merged,
  };
}

/**
 * The rules among which the row decides, in order, those of equal presets together: the first class that admits a row is used, and in it any rule that admits the row and
 * whose check holds afterwards.
 */
export function classesOf(rule: UpdateRule): readonly (readonly UpdateRule[])[] {
  return groups(rule.alternatives ?? [rule], hasSamePresets);
}

/** The first of the classes, for statements that cannot choose by the row: upserts. */
export function firstUpdateRule(rule: UpdateRule): UpdateRule {
  return rule.alternatives?.[0] ?? rule;
}

/** The rule under which rows are deleted: one that any rule admits. */
export function deleteRuleFor(rule: DeleteRule): DeleteRule {
  const [first, ...others] = rule.alternatives ?? [];
  if (first === undefined) return rule;
  return { ...first, filter: any([first, ...others].map(({ filter }) => filter)) };
}

/** The webhooks of all rules that list the columns: whichever is used, all of them are asked. */
export function validationsOf(
  rule: InsertRule | UpdateRule | DeleteRule,
  given: readonly Column[],
): readonly InputValidation[] {
  const rules: readonly (InsertRule | UpdateRule | DeleteRule)[] = rule.alternatives ?? [rule];
  const found = new Map<string, InputValidation>();
  for (const each of rules) {
    const isUsable = rule.alternatives === undefined || !('columns' in each) || lists(each, given);
    if (isUsable && each.validation !== null) found.set(JSON.stringify(each.validation), each.validation);
  }
  return [...found.values()];
}

/** True when it depends on the row which rule an update uses. */
export function choosesByRow(rules: readonly UpdateRule[]): boolean {
  const [first] = rules;
  return (
    first !== undefined && rules.some((each) => !hasSamePresets(each, first) || !hasSameCheck(each, first))
  );
}

export function hasSamePresets(
  one: { readonly presets: ReadonlyMap<string, Value> },
  other: { readonly presets: ReadonlyMap<string, Value> },
): boolean {
  return canonicalPresets(one.presets) === canonicalPresets(other.presets);
}

/** A rule that a constant decides needs none of the others. */
function any(conditions: readonly BooleanExpression[]): BooleanExpression {
  return fold(anyOf(conditions));
}

interface Alternative<R> {
  readonly alternatives?: readonly R[];
  readonly isBackendOnly: boolean;
}

function unite<R>(rules: readonly R[], make: () => R): R | null {
  const [first, ...others] = rules;
  if (first === undefined) return null;
  return others.length === 0 ? first : make();
}

function frontend<R extends Alternative<R>>(rule: R): readonly R[] {
  return (rule.alternatives ?? [rule]).filter(({ isBackendOnly }) => !isBackendOnly);
}

function unionOfColumns(
  table: Table,
  rules: readonly { readonly columns: ReadonlyMap<string, Column> }[],
): ReadonlyMap<string, Column> {
  const listed = [...table.columns.values()].filter(({ name }) =>
    rules.some(({ columns }) => columns.has(name)),
  );
  return new Map(listed.map((column) => [column.name, column]));
}

function lists(
  { columns }: { readonly columns: ReadonlyMap<string, Column> },
  given: readonly Column[],
): boolean {
  return given.every(({ name }) => columns.has(name));
}

function hasSameCheck(one: UpdateRule, other: UpdateRule): boolean {
  return checkText(one) === checkText(other);
}

function checkText({ check }: UpdateRule): string {
  return check === null ? 'none' : canonicalExpression(check);
}

function columnMap(columns: readonly Column[]): ReadonlyMap<string, Column> {
  return new Map(columns.map((column) => [column.name, column]));
}

/** Items that belong together, in the order of the first of each group. */
function groups<T>(items: readonly T[], belong: (first: T, other: T) => boolean): readonly (readonly T[])[] {
  const found: T[][] = [];
  for (const item of items) {
    const group = found.find(([first]) => first !== undefined && belong(first, item));
    if (group === undefined) found.push([item]);
    else group.push(item);
  }
  return found;
}

const noPresets: ReadonlyMap<string, Value> = new Map();
