/**
 * The rules of every (role, table), the inherited ones included. A permission that does not compile is reported and not in force.
 * Source: spec/permissions.md 7, 9.3, 9.4.
 */
import type { InheritedRoleMetadata, PermissionMetadata, TableMetadata } from '../metadata/index.ts';
import {
  type DeclaredRules,
  describeName,
  inheritRules,
  RuleCompiler,
  type TableRules,
} from '../permissions/index.ts';
import { RequestError } from '../support/index.ts';
import { type Environment, resolveUrl } from '../webhooks/index.ts';
import { inconsistentPermission, inheritanceConflict, type Operation } from './inconsistency.ts';
import { RuleLookups } from './rule-lookups.ts';
import type { TableBuilder } from './source-builder.ts';
import type { Structure } from './structure.ts';
import type { Inconsistency, TrackedTable } from './types.ts';

export const noRules: TableRules = { select: null, insert: null, update: null, delete: null };

/** The rules of a table by role, and what does not fit. */
export interface RuleSet {
  readonly declared: TableMetadata;
  readonly byRole: ReadonlyMap<string, DeclaredRules>;
  readonly inconsistencies: readonly Inconsistency[];
  /** What they depend on besides the table itself. */
  readonly lookups: RuleLookups;
}

/**
 * @param heirs the inherited roles, parents first
 * @param environment what the URLs of validation webhooks refer to; null: they are not looked at
 */
export function buildRuleSet(
  { tables }: Pick<Structure, 'tables'>,
  table: TableBuilder,
  declared: TableMetadata,
  heirs: readonly InheritedRoleMetadata[],
  environment: Environment | null,
): RuleSet {
  const inconsistencies: Inconsistency[] = [];
  const report = (inconsistency: Inconsistency): void => void inconsistencies.push(inconsistency);
  const lookups = new RuleLookups(table);
  const compiler = new RuleCompiler(table, lookups.over(tables));
  const byRole = compileDeclared(compiler, table, declared, environment, report);
  addInherited(table, byRole, heirs, report);
  return { declared, byRole, inconsistencies, lookups };
}

/** Whether building from these permissions, for the same table and the same inherited roles, would give the rules that are there. */
export function isRuleSetOf(
  rules: RuleSet,
  { tables }: Pick<Structure, 'tables'>,
  declared: TableMetadata,
): boolean {
  return (
    operations.every((operation) => {
      const key = `${operation}_permissions` as const;
      return rules.declared[key] === declared[key];
    }) && rules.lookups.areCurrent(tables)
  );
}

function compileDeclared(
  compiler: RuleCompiler,
  table: TableBuilder,
  declared: TableMetadata,
  environment: Environment | null,
  report: (inconsistency: Inconsistency) => void,
): Map<string, DeclaredRules> {
  const found = new Map<string, { rules: Mutable<TableRules>; broken: Set<Operation> }>();
  const compile = <P, O extends Operation>(
    operation: O,
    permissions: readonly PermissionMetadata<P>[] | undefined,
    rule: (role: string, permission: P) => TableRules[O],
  ): void => {
    const compiled = new Map<P, NonNullable<TableRules[O]>>();
    for (const permission of permissions ?? []) {
      const { role } = permission;
      const entry = found.get(role) ?? { rules: { ...noRules }, broken: new Set<Operation>() };
      found.set(role, entry);
      // Roles often have the same permission, which documents share: it is compiled once.
      const known = role === 'admin' ? undefined : compiled.get(permission.permission);
      if (known !== undefined) {
        entry.rules[operation] = { ...known, role };
        continue;
      }
      try {
        const made = rule(role, permission.permission);
        if (environment !== null) requireWebhooks(made, environment);
        entry.rules[operation] = made;
        if (made !== null) compiled.set(permission.permission, made);
      } catch (error) {
        if (!(error instanceof RequestError)) throw error;
        const reason = `in table "${describeName(table)}": in permission for role "${role}": ${error.message}`;
        report(inconsistentPermission(table.source, table.catalog, operation, permission, reason));
        entry.broken.add(operation);
      }
    }
  };
  compile('insert', declared.insert_permissions, (role, permission) => compiler.insert(role, permission));
  compile('select', declared.select_permissions, (role, permission) => compiler.select(role, permission));
  compile('update', declared.update_permissions, (role, permission) => compiler.update(role, permission));
  compile('delete', declared.delete_permissions, (role, permission) => compiler.delete(role, permission));
  const byRole = new Map<string, DeclaredRules>();
  for (const [role, { rules, broken }] of found) {
    byRole.set(role, { rules, broken: broken.size === 0 ? nothingBroken : broken });
  }
  byRole.delete('admin');
  return byRole;
}

/** @throws RequestError when the URL of a validation webhook names a variable that is not set */
function requireWebhooks(rule: TableRules[Operation], environment: Environment): void {
  const rules = rule?.alternatives ?? [rule];
  for (const each of rules) {
    if (each !== null && 'validation' in each && each.validation !== null) {
      resolveUrl(each.validation.url, environment);
    }
  }
}

/** Every permission of a table that is itself inconsistent, with what it is: none of them is in force. */
export function declaredPermissions(
  metadata: TableMetadata,
): readonly { readonly operation: Operation; readonly permission: PermissionMetadata<unknown> }[] {
  return operations.flatMap((operation) =>
    (metadata[`${operation}_permissions`] ?? []).map((permission) => ({ operation, permission })),
  );
}

/** The rules of `admin`, who has them without any being declared; made once for a table. */
export function adminRules(table: TrackedTable): TableRules {
  const known = adminRulesOf.get(table);
  if (known !== undefined) return known;
  const made = new RuleCompiler(table, { findTable: () => undefined }).admin();
  adminRulesOf.set(table, made);
  return made;
}

const adminRulesOf = new WeakMap<TrackedTable, TableRules>();

function addInherited(
  table: TableBuilder,
  rules: Map<string, DeclaredRules>,
  heirs: readonly InheritedRoleMetadata[],
  report: (inconsistency: Inconsistency) => void,
): void {
  for (const { role_name: role, role_set: parentNames } of heirs) {
    const parents = parentNames.map((name) => rules.get(name)).filter((parent) => parent !== undefined);
    if (parents.length === 0) continue;
    const { conflicts, ...inherited } = inheritRules(role, parents, rules.get(role));
    rules.set(role, inherited);
    for (const operation of conflicts) {
      report(inheritanceConflict(table.source, table.catalog, role, operation));
    }
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const operations = ['insert', 'select', 'update', 'delete'] as const;
const nothingBroken: ReadonlySet<Operation> = new Set();
