import type { TrackedTable } from '../../model/index.ts';
import type { SelectRule } from '../../permissions/index.ts';
import type { SelectAccess } from '../../schema/index.ts';
import { InvariantError, unreachable } from '../../support/index.ts';
import { expectLeaf, type SelectedField, withFieldsBelow } from '../collect-fields.ts';
import type { PlanContext } from '../context.ts';
import { planRowOutput } from '../rows.ts';
import type { MutationOutput, ResponseItem } from './types.ts';

interface Target {
  readonly table: TrackedTable;
  readonly select: SelectRule | null;
}

/** The selection below a field of type `t_mutation_response`. */
export function planResponse(selected: SelectedField, target: Target, context: PlanContext): MutationOutput {
  const items = withFieldsBelow(selected, context, (fields, type) =>
    fields.map((field): ResponseItem => {
      const { responseKey: key } = field;
      if (field.field === null) {
        expectLeaf(field);
        return { key, kind: 'typename', value: type.name };
      }
      switch (field.field.meaning.kind) {
        case 'affected-rows':
          expectLeaf(field);
          return { key, kind: 'affected-rows' };
        case 'returning':
          return { key, kind: 'returning', output: planRowOutput(field, accessOf(target), context) };
        default:
          throw new InvariantError(`'${field.field.name}' is no part of a mutation's response`);
      }
    }),
  );
  return { kind: 'response', items };
}

/** The selection below a field that answers with the affected row. */
export function planRow(selected: SelectedField, target: Target, context: PlanContext): MutationOutput {
  return { kind: 'row', output: planRowOutput(selected, accessOf(target), context) };
}

/** JSON of the answer when no row is affected. */
export function emptyAnswer(output: MutationOutput): string {
  if (output.kind === 'row') return 'null';
  const members = output.items.map((item) => `${JSON.stringify(item.key)}:${emptyItem(item)}`);
  return `{${members.join(',')}}`;
}

function emptyItem(item: ResponseItem): string {
  switch (item.kind) {
    case 'typename':
      return JSON.stringify(item.value);
    case 'affected-rows':
      return '0';
    case 'returning':
      return '[]';
    default:
      return unreachable(item);
  }
}

/** Schemas offer rows only to roles that may read the table. */
function accessOf({ table, select }: Target): SelectAccess {
  if (select === null)
    throw new InvariantError(`rows of "${table.name}" are asked for without a select rule`);
  return { table, rule: select };
}
