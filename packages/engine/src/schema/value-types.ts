/**
 * The GraphQL type of a column, a scalar computed field or a function argument. Source: spec/graphql-api.md 3.1, 9.3.
 */
import type { PgType } from '../catalog/index.ts';
import type { Naming } from '../model/index.ts';
import { type EnumReference, underlyingType } from '../permissions/index.ts';
import type { SchemaContext } from './context.ts';
import { listOfRequired, nullable, required } from './type-references.ts';
import { scalarOf } from './scalars.ts';
import type { EnumType, NamedType, TypeReference } from './types.ts';

export interface ValueType {
  readonly pgType: PgType;
  /** The enum of an enum table, the scalar, or for arrays the scalar of the elements. */
  readonly named: NamedType;
  readonly enumReference: EnumReference | null;
  readonly isArray: boolean;
  readonly nullable: TypeReference;
  readonly required: TypeReference;
}

/** Null when the type's name cannot be written in GraphQL; the column is then not in the schema. */
export function valueTypeOf(
  context: SchemaContext,
  naming: Naming,
  type: PgType,
  enumReference: EnumReference | null = null,
): ValueType | null {
  if (enumReference !== null) {
    const named = enumTableType(context, naming, enumReference);
    return { ...plain(type, named), enumReference };
  }
  return context.once(type, 'value-type', () => {
    const underlying = underlyingType(type);
    const isArray =
      underlying.kind === 'array' && underlying.element !== null && !context.features.disablesPostgresArrays;
    const named = scalarOf(isArray && underlying.element !== null ? underlying.element : type);
    if (named === null) return null;
    if (!isArray) return plain(type, named);
    const list = listOfRequired(named);
    return {
      pgType: type,
      named,
      enumReference: null,
      isArray: true,
      nullable: list,
      required: required(list),
    };
  });
}

function plain(pgType: PgType, named: NamedType): ValueType {
  return {
    pgType,
    named,
    enumReference: null,
    isArray: false,
    nullable: nullable(named),
    required: required(named),
  };
}

function enumTableType(context: SchemaContext, naming: Naming, reference: EnumReference): EnumType {
  return context.shared(reference.typeName, () => ({
    kind: 'enum',
    name: reference.typeName,
    description: null,
    values: new Map(
      reference.values.map(({ value, comment }) => {
        const name = naming.enumValue(value);
        return [name, { name, description: comment, meaning: { kind: 'enum-table', value } }];
      }),
    ),
  }));
}
