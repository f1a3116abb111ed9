import type { Plan, QualifiedName } from '../plan/index.ts';

/** What of a database the answer to a plan depends on, besides the values. */
export interface PlanReads {
  readonly relations: readonly QualifiedName[];
  readonly functions: readonly QualifiedName[];
  /** Native queries, of whose code nothing is known. */
  readonly hasDeclaredCode: boolean;
}

const known = new WeakMap<Plan, PlanReads>();

/**
 * Everything that stands anywhere in the plan, be it in a rule, an order or a hidden cell: whatever looks like a table, a call of a function or a native
 * query counts as one, so that what is added to plans is found, too.
 */
export function readsOf(plan: Plan): PlanReads {
  let reads = known.get(plan);
  if (reads === undefined) {
    reads = findReads(plan);
    known.set(plan, reads);
  }
  return reads;
}

function findReads(plan: Plan): PlanReads {
  const relations = new Map<string, QualifiedName>();
  const functions = new Map<string, QualifiedName>();
  let hasDeclaredCode = false;
  const seen = new Set<unknown>();
  const ahead: unknown[] = [plan];
  for (let value = ahead.pop(); value !== undefined; value = ahead.pop()) {
    if (typeof value !== 'object' || value === null || seen.has(value) || ArrayBuffer.isView(value)) continue;
    seen.add(value);
    if (Array.isArray(value) || value instanceof Set) {
      ahead.push(...value);
    } else if (value instanceof Map) {
      ahead.push(...value.values());
    } else if (isTable(value)) {
      // what it is related to is not read with it
      relations.set(keyOf(value), value);
    } else {
      const { kind, function: called } = value as { readonly kind?: unknown; readonly function?: unknown };
      if (kind === 'native-query' || kind === 'nowhere') hasDeclaredCode = true;
      if (isName(called)) functions.set(keyOf(called), called);
      ahead.push(...Object.values(value));
    }
  }
  return { relations: [...relations.values()], functions: [...functions.values()], hasDeclaredCode };
}

function isTable(value: object): value is QualifiedName {
  return 'columns' in value && 'primaryKey' in value && isName(value);
}

function isName(value: unknown): value is QualifiedName {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Partial<QualifiedName>).schema === 'string' &&
    typeof (value as Partial<QualifiedName>).name === 'string'
  );
}

function keyOf({ schema, name }: QualifiedName): string {
  return JSON.stringify([schema, name]);
}
