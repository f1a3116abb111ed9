import type { Column } from '../../permissions/index.ts';
import type { FieldMeaning } from '../../schema/index.ts';
import { Path, RequestError } from '../../support/index.ts';
import { planAggregateSelect } from '../aggregate.ts';
import type { DefinedField } from '../collect-fields.ts';
import type { PlanContext } from '../context.ts';
import { planDelegatedField } from '../delegated/plan-delegated.ts';
import { readArguments } from '../field-arguments.ts';
import { planRowsSelect } from '../rows.ts';
import { plainRowSet, planRowSet } from '../table-arguments.ts';
import type { RemoteFieldJoin, RowsJoin } from './types.ts';

/**
 * Rows of another source below a field, under the role's rule there.
 * @param isLive whether the field may be part of a subscription
 */
export function planRowsJoin(
  selected: DefinedField,
  { relationship, access, form }: Extract<FieldMeaning, { kind: 'remote-rows' }>,
  context: PlanContext,
  isLive = false,
): RowsJoin {
  if (!isLive) refuseInSubscriptions(context);
  const given = readArguments(selected, context);
  const columns = relationship.columns.map(
    ({ type }, index): Column => ({ ...nameless, name: `c${index}`, type }),
  );
  const pairs = relationship.columns.map((to, index) => ({ from: columns[index] as Column, to }));
  const { rows } = access.rule;
  const source = access.table.source;
  if (form === 'rows' && relationship.kind === 'object') {
    const set = plainRowSet(rows, pairs);
    return { kind: 'rows', source, columns, select: planRowsSelect(selected, access, set, 'one', context) };
  }
  const set = planRowSet(rows, pairs, given, selected.path, context);
  const select =
    form === 'aggregate'
      ? planAggregateSelect(selected, access, set, context)
      : planRowsSelect(selected, access, set, 'list', context);
  return { kind: 'rows', source, columns, select };
}

/** A field of a remote schema below a field, as the role sees that schema. */
export function planRemoteFieldJoin(
  selected: DefinedField,
  { relationship, access }: Extract<FieldMeaning, { kind: 'remote-field' }>,
  context: PlanContext,
): RemoteFieldJoin {
  refuseInSubscriptions(context);
  const field = planDelegatedField(selected, 'forwarded', context);
  const { fields: variables, steps } = relationship;
  return { kind: 'remote-field', access, variables, steps, field };
}

function refuseInSubscriptions({ operation }: PlanContext): void {
  if (operation.kind !== 'subscription') return;
  throw new RequestError('not-supported', Path.root, 'Remote relationships are not allowed in subscriptions');
}

/** Of columns that no table has. */
export const nameless = { isNullable: false, isInsertable: false, isUpdatable: false, enumReference: null };
