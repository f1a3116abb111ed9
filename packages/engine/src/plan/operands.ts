import type { PgType } from '../catalog/index.ts';
import type { ColumnGrant, ComputedFieldGrant, Operand, Value } from '../permissions/index.ts';
import { InvariantError } from '../support/index.ts';

/** A column as the role may see it: the cell reads as NULL where the grant hides it. The only way to a column's value. */
export function columnOperand({ column, visibleWhen }: ColumnGrant): Operand {
  return { kind: 'column', column, visibleWhen };
}

export function computedOperand(
  { field, visibleWhen }: ComputedFieldGrant,
  values: readonly (Value | null)[],
): Operand {
  return { kind: 'call', call: field.call(values), type: scalarTypeOf(field), visibleWhen };
}

/** The type of a scalar computed field. */
export function scalarTypeOf(field: ComputedFieldGrant['field']): PgType {
  if (field.returns.kind === 'scalar') return field.returns.type;
  throw new InvariantError(`computed field "${field.name}" returns rows`);
}
