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
import { inconsistentPermission, inheritanceConflict, type Operation } from './inconsistency.ts';
import { findTable, type SourceBuilder, type TableBuilder } from './source-builder.ts';
import type { Inconsistency, TrackedTable } from './types.ts';

export type RulesByRole = Map<string, DeclaredRules>;

export const noRules: TableRules = { select: null, insert: null, update: null, delete: null };

/** Compiles what the table's metadata declares, role by role. */
export function compileRules(builder: SourceBuilder, table: TableBuilder): RulesByRole {
  const compiler = new RuleCompiler(table, { findTable: (name) => findTable(builder, name) });
  const found = new Map<string, { rules: Mutable<TableRules>; broken: Set<Operation> }>();
  const compile = <P, O extends Operation>(
    operation: O,
    permissions: readonly PermissionMetadata<P>[] | undefined,
    rule: (role: string, permission: P) => TableRules[O],
  ): void => {
    for (const permission of permissions ?? []) {
      const { role } = permission;
      const entry = found.get(role) ?? { rules: { ...noRules }, broken: new Set<Operation>() };
      found.set(role, entry);
      try {
        entry.rules[operation] = rule(role, permission.permission);
      } catch (error) {
        if (!(error instanceof RequestError)) throw error;
        const reason = `in table "${describeName(table)}": in permission for role "${role}": ${error.message}`;
        builder.report(inconsistentPermission(builder.name, table.catalog, operation, permission, reason));
        entry.broken.add(operation);
      }
    }
  };
  const { metadata } = table;
  compile('insert', metadata.insert_permissions, (role, permission) => compiler.insert(role, permission));
  compile('select', metadata.select_permissions, (role, permission) => compiler.select(role, permission));
  compile('update', metadata.update_permissions, (role, permission) => compiler.update(role, permission));
  compile('delete', metadata.delete_permissions, (role, permission) => compiler.delete(role, permission));
  const byRole: RulesByRole = new Map();
  for (const [role, { rules, broken }] of found) {
    byRole.set(role, { rules, broken: broken.size === 0 ? nothingBroken : broken });
  }
  byRole.delete('admin');
  return byRole;
}

/** Every permission of a table that is itself inconsistent, with what it is: none of them is in force. */
export function declaredPermissions(
  metadata: TableMetadata,
): readonly { readonly operation: Operation; readonly permission: PermissionMetadata<unknown> }[] {
  return operations.flatMap((operation) =>
    (metadata[`${operation}_permissions`] ?? []).map((permission) => ({ operation, permission })),
  );
}

/** Adds the rules of inherited roles, which come parents first, to those of a table. */
export function inheritTableRules(
  table: TableBuilder,
  rules: RulesByRole,
  inheritedRoles: readonly InheritedRoleMetadata[],
  report: (inconsistency: Inconsistency) => void,
): void {
  for (const { role_name: role, role_set: parentNames } of inheritedRoles) {
    const parents = parentNames.map((name) => rules.get(name)).filter((parent) => parent !== undefined);
    if (parents.length === 0) continue;
    const { conflicts, ...inherited } = inheritRules(role, parents, rules.get(role));
    rules.set(role, inherited);
    for (const operation of conflicts) {
      report(inheritanceConflict(table.source, table.catalog, role, operation));
    }
  }
}

/** The rules of `admin`, who has them without any being declared. */
export function adminRules(table: TrackedTable): TableRules {
  return new RuleCompiler(table, { findTable: () => undefined }).admin();
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const operations = ['insert', 'select', 'update', 'delete'] as const;
const nothingBroken: ReadonlySet<Operation> = new Set();
