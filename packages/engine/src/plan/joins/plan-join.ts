import type { Column } from '../../permissions/index.ts';
import type { FieldMeaning } from '../../schema/index.ts';
import { Path, RequestError } from '../../support/index.ts';
import { planAggregateSelect } from '../aggregate.ts';
import type { DefinedField } from '../collect-fields.ts';
import type { PlanContext } from '../context.ts';
import { readArguments } from '../field-arguments.ts';
import { planRowsSelect } from '../rows.ts';
import { plainRowSet, planRowSet } from '../table-arguments.ts';
import type { RowsJoin } from './types.ts';

/** Rows of another source below a field, under the role's rule there. */
export function planRowsJoin(
  selected: DefinedField,
  { relationship, access, form }: Extract<FieldMeaning, { kind: 'remote-rows' }>,
  context: PlanContext,
): RowsJoin {
  if (context.operation.kind === 'subscription') {
    throw new RequestError(
      'not-supported',
      Path.root,
      'Remote relationships are not allowed in subscriptions',
    );
  }
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

/** Of columns that no table has. */
const nameless = { isNullable: false, isInsertable: false, isUpdatable: false, enumReference: null };
