import type { RuleName } from './report.ts';
import { isMapping, type Value } from './test-file.ts';

const OPERATIONS = ['select', 'insert', 'update', 'delete'] as const;

/** Every permission that the metadata declares, in its order. */
export function projectRules(metadata: Readonly<Record<string, unknown>>): RuleName[] {
  return listOf(metadata['sources']).flatMap((source) =>
    listOf(source['tables']).flatMap((table) =>
      OPERATIONS.flatMap((operation) =>
        listOf(table[`${operation}_permissions`]).map(({ role }) => ({
          source: String(source['name']),
          table: tableName(table['table']),
          role: String(role),
          operation,
        })),
      ),
    ),
  );
}

export function ruleKey({ source, table, role, operation }: RuleName): string {
  return JSON.stringify([source, table, role, operation]);
}

/**
 * The declared rules that a use by `role` exercises: its own, or, where an inherited role has none, those of its parents.
 * `parents`: of each inherited role.
 */
export function exercisedBy(
  use: RuleName,
  declared: ReadonlyMap<string, RuleName>,
  parents: ReadonlyMap<string, readonly string[]>,
  seen: ReadonlySet<string> = new Set(),
): RuleName[] {
  const own = declared.get(ruleKey(use));
  if (own !== undefined) return [own];
  if (seen.has(use.role)) return [];
  const further = new Set([...seen, use.role]);
  return (parents.get(use.role) ?? []).flatMap((role) =>
    exercisedBy({ ...use, role }, declared, parents, further),
  );
}

export function inheritedRoles(
  metadata: Readonly<Record<string, unknown>>,
): ReadonlyMap<string, readonly string[]> {
  return new Map(
    listOf(metadata['inherited_roles']).map((entry) => {
      const roles = entry['role_set'];
      return [String(entry['role_name']), Array.isArray(roles) ? roles.map(String) : []];
    }),
  );
}

function tableName(name: Value | undefined): string {
  if (!isMapping(name)) return `public.${String(name)}`;
  return `${String(name['schema'] ?? 'public')}.${String(name['name'])}`;
}

function listOf(value: unknown): readonly { readonly [key: string]: Value }[] {
  return Array.isArray(value) ? value.filter(isMapping) : [];
}
