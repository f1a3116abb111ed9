import {
  type Column,
  type DeleteRule,
  type InsertRule,
  type UpdateRule,
  validationsOf,
} from '../permissions/index.ts';
import type { InputValidationCall } from '../plan/index.ts';
import type { Json } from '../support/index.ts';

/**
 * The webhooks of the rules that may be used, which are told what GraphQL's mutations would tell them: operators of updates begin with `_`.
 * Source: spec/permissions.md 10.4.
 */
export function planValidations(
  rule: InsertRule | UpdateRule | DeleteRule,
  columns: readonly Column[],
  input: readonly Json[],
): readonly InputValidationCall[] {
  return validationsOf(rule, columns).map((validation) => ({
    role: rule.role,
    validation,
    input: () => input,
  }));
}
