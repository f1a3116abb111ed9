/**
 * The rules of an inherited role from those of its parents. Source: spec/permissions.md 7.
 */
import { canonicalDelete, canonicalInsert, canonicalUpdate } from './canonical.ts';
import type { DeleteRule, InsertRule, TableRules, UpdateRule } from './types.ts';
import { uniteSelects } from './unite-selects.ts';

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
    select: own !== null || broken.has('select') ? own : uniteSelects(role, selects),
    insert: agreed<InsertRule>('insert', (of) => of.insert, canonicalInsert),
    update: agreed<UpdateRule>('update', (of) => of.update, canonicalUpdate),
    delete: agreed<DeleteRule>('delete', (of) => of.delete, canonicalDelete),
  };
  return { rules, broken, conflicts };
}
