/**
 * Several insert, update or delete rules of one role on one table. A write is done under one of them, or under those that differ in nothing but the
 * rows that they admit; which, is known once the columns are known that the client gives.
 */
import { canonicalExpression, canonicalPresets } from './canonical.ts';
import { anyOf, never } from './expressions.ts';
import type { Column, DeleteRule, InputValidation, InsertRule, Table, UpdateRule, Value } from './types.ts';

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
 * The rule under which rows are written for which the client gives these columns: the first that lists all of them, together with those that list them too
 * and have the same presets and validation, whose checks are alternatives. Null: no rule lists all of them.
 */
export function insertRuleFor(rule: InsertRule, given: readonly Column[]): InsertRule | null {
  if (rule.alternatives === undefined) return rule;
  const candidates = rule.alternatives.filter((each) => lists(each, given));
  const [first] = candidates;
  if (first === undefined) return null;
  const used = candidates.filter((each) => hasSameEffect(each, first));
  return {
    ...first,
    columns: new Map(given.map((column) => [column.name, column])),
    check: anyOf(used.map(({ check }) => check)),
  };
}

/**
 * The rules under which rows may be changed when the client sets these columns: all that list them, in order, those of equal presets, check and validation as one.
 * Empty: no rule lists all of them. A rule that would change nothing is left out.
 */
export function updateRulesFor(rule: UpdateRule, set: readonly Column[]): readonly UpdateRule[] {
  if (rule.alternatives === undefined) return [rule];
  const candidates = rule.alternatives.filter(
    (each) => lists(each, set) && (set.length > 0 || each.presets.size > 0),
  );
  return groups(
    candidates,
    (first, other) => hasSameEffect(first, other) && checkText(first) === checkText(other),
  ).map((group) => ({
    // A group has its first member.
    ...(group[0] as UpdateRule),
    columns: new Map(set.map((column) => [column.name, column])),
    filter: anyOf(group.map(({ filter }) => filter)),
  }));
}

/** The rules under which rows may be deleted, those of equal validation as one. */
export function deleteRulesFor(rule: DeleteRule): readonly DeleteRule[] {
  if (rule.alternatives === undefined) return [rule];
  return groups(rule.alternatives, (first, other) => validationText(first) === validationText(other)).map(
    (group) => ({ ...(group[0] as DeleteRule), filter: anyOf(group.map(({ filter }) => filter)) }),
  );
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

interface Effect {
  readonly presets: ReadonlyMap<string, Value>;
  readonly validation: InputValidation | null;
}

function hasSameEffect(a: Effect, b: Effect): boolean {
  return (
    canonicalPresets(a.presets) === canonicalPresets(b.presets) && validationText(a) === validationText(b)
  );
}

function checkText({ check }: UpdateRule): string {
  return check === null ? 'none' : canonicalExpression(check);
}

function validationText({ validation }: { readonly validation: InputValidation | null }): string {
  return JSON.stringify(validation);
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
