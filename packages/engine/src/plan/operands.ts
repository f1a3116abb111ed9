import type { PgType } from '../catalog/index.ts';
import type { ColumnGrant, ComputedFieldGrant, Operand, Value } from '../permissions/index.ts';
import type { RemoteJoinValue } from '../model/index.ts';
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

/**
 * What a row is joined by to rows elsewhere. As with any relationship the role need not see it (spec/remote-schemas.md 9); it goes into the search for
 * those rows, never into the answer.
 */
export function joinValues(
  relationship: { readonly name: string } | { readonly left: readonly RemoteJoinValue[] },
): readonly Operand[] {
  if ('left' in relationship) return relationship.left.map(joinValue);
  throw new InvariantError(`remote relationship "${relationship.name}" starts at no table`);
}

function joinValue(value: RemoteJoinValue): Operand {
  if (value.kind === 'column') return { kind: 'column', column: value.column, visibleWhen: null };
  return computedOperand(
    { field: value.field, visibleWhen: null },
    value.field.arguments.map(() => null),
  );
}

/** The type of a scalar computed field. */
export function scalarTypeOf(field: ComputedFieldGrant['field']): PgType {
  if (field.returns.kind === 'scalar') return field.returns.type;
  throw new InvariantError(`computed field "${field.name}" returns rows`);
}
