import type { DeleteRequest } from '../metadata/index.ts';
import { deleteRuleFor } from '../permissions/index.ts';
import type { DeleteMutation } from '../plan/index.ts';
import type { TableReader } from './reader.ts';
import { planReturning } from './returning.ts';
import type { PlannedWrite } from './types.ts';
import { planValidations } from './validations.ts';
import { requireWritableView } from './views.ts';

const selectHint =
  '; "delete" is only allowed if the role has "select" permission as "where" can\'t be used without "select" permission on the table';

/** Source: spec/metadata-api.md 5.2. */
export function planDelete(request: DeleteRequest, reader: TableReader): PlannedWrite<DeleteMutation> {
  const { path } = reader;
  const table = reader.table(request.table);
  requireWritableView(table, 'deletable', path);
  const rule = reader.require(table, 'delete');
  const select = reader.require(table, 'select', selectHint);
  const output = planReturning(request.returning, table, select, reader);
  const where = reader.where(request.where, table, path.child('where'));
  return {
    mutation: { kind: 'delete', table, rule: deleteRuleFor(rule), where, output },
    validations: planValidations(rule, [], [{ where: request.where }]),
  };
}
