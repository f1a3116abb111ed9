import type { PermissionRules, RuleList } from './types.ts';

/** The rules of a permission: several where it lists them, otherwise itself. */
export function rulesOfPermission<P extends object>(permission: PermissionRules<P>): readonly P[] {
  return isRuleList(permission) ? permission.rules : [permission];
}

/** The same permission with every rule put through `change`. */
export function mapRules<P extends object>(
  permission: PermissionRules<P>,
  change: (rule: P) => P,
): PermissionRules<P> {
  return isRuleList(permission) ? { ...permission, rules: permission.rules.map(change) } : change(permission);
}

/** No plain permission has a key of this name. */
export function isRuleList<P extends object>(permission: PermissionRules<P>): permission is RuleList<P> {
  return 'rules' in permission;
}
