/**
 * The order in which inherited roles can be derived: parents first. Source: spec/permissions.md 7.1.
 */
import type { InheritedRoleMetadata } from '../metadata/index.ts';
import { Path, RequestError } from '../support/index.ts';

/**
 * @throws RequestError `cyclic-dependency` when roles inherit from each other in a circle
 */
export function orderInheritedRoles(
  roles: readonly InheritedRoleMetadata[],
): readonly InheritedRoleMetadata[] {
  const byName = new Map(roles.map((role) => [role.role_name, role]));
  const ordered: InheritedRoleMetadata[] = [];
  const done = new Set<string>();
  for (const start of [...byName.keys()].sort()) {
    // An explicit stack: a chain of roles may be longer than the call stack is deep.
    const trail: { readonly role: InheritedRoleMetadata; next: number }[] = [];
    const enter = (name: string): void => {
      const role = byName.get(name);
      if (role === undefined || done.has(name)) return;
      const seen = trail.findIndex((step) => step.role === role);
      if (seen >= 0) throw cycle([...trail.slice(seen).map((step) => step.role.role_name), name]);
      trail.push({ role, next: 0 });
    };
    enter(start);
    for (let step = trail.at(-1); step !== undefined; step = trail.at(-1)) {
      const parent = step.role.role_set[step.next++];
      if (parent !== undefined) {
        enter(parent);
        continue;
      }
      trail.pop();
      done.add(step.role.role_name);
      ordered.push(step.role);
    }
  }
  return ordered;
}

function cycle(names: readonly string[]): RequestError {
  const printed = names.map((name) => JSON.stringify(name)).join(',');
  return new RequestError(
    'cyclic-dependency',
    Path.root.child('args'),
    `found cycle(s) in roles: [${printed}]`,
  );
}
