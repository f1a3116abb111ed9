import type { TrackedColumn } from '../../model/index.ts';
import type { Operand } from '../../permissions/index.ts';
import type { SelectAccess } from '../../schema/index.ts';
import { columnOperand } from '../operands.ts';

/**
 * A column of the primary key in global ids and cursors. There a role without the column in its permission sees it all the same: every node has an id
 * (conformance: TestRelayQueriesPermissions). Where its permission has the column, the permission's own condition on the cell is kept.
 */
export function keyOperand({ rule }: SelectAccess, column: TrackedColumn): Operand {
  const grant = rule.columns.get(column.name);
  return grant === undefined ? { kind: 'column', column, visibleWhen: null } : columnOperand(grant);
}
