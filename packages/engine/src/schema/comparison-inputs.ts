/**
 * `S_comparison_exp` and the inputs it names. Source: spec/graphql-api.md 4.5; the operators themselves are a table of `permissions/`.
 */
import type { PgType } from '../catalog/index.ts';
import type { Naming } from '../model/index.ts';
import {
  booleanType,
  castTargetOf,
  enumTableOperators,
  graphqlOperatorsOf,
  type OperandShape,
  type OperatorSpecification,
  textType,
} from '../permissions/index.ts';
import { InvariantError, unreachable } from '../support/index.ts';
import type { SchemaContext } from './context.ts';
import { inputObjectType, inputValue } from './lazy-types.ts';
import { listOfRequired, nullable, required } from './type-references.ts';
import { scalarOf, siblingOf, strictScalars } from './scalars.ts';
import type { InputObjectType, InputValue, NamedType, TypeReference } from './types.ts';
import { type ValueType, valueTypeOf } from './value-types.ts';

export function comparisonInput(context: SchemaContext, naming: Naming, value: ValueType): InputObjectType {
  // most columns have one of few types
  if (value.enumReference === null) {
    return context.once(value, naming.convention, () => namedComparison(context, naming, value));
  }
  return namedComparison(context, naming, value);
}

function namedComparison(context: SchemaContext, naming: Naming, value: ValueType): InputObjectType {
  const name = value.isArray
    ? naming.sharedTypeName(value.named.name, 'array', 'comparison_exp')
    : naming.sharedTypeName(scalarPart(value), 'comparison_exp');
  // Types with one GraphQL name (text and varchar) need inputs of their own, because their operators take their own type.
  const owner = value.enumReference === null ? value.pgType : value.named;
  return context.once(owner, `comparison ${name}`, () =>
    inputObjectType(name, describe(value.named.name), () => comparisonFields(context, naming, value)),
  );
}

/** The comparison of a number or truth value that the engine computes, with strict input: predicates on aggregates. */
export function strictComparisonInput(
  context: SchemaContext,
  naming: Naming,
  scalar: 'Int' | 'Boolean',
): InputObjectType {
  const named = strictScalars[scalar];
  const pgType = scalar === 'Int' ? bigintType : booleanType;
  const name = naming.sharedTypeName(scalar, 'comparison_exp');
  return context.once(named, `comparison ${name}`, () =>
    inputObjectType(name, describe(scalar), () => {
      const same = nullable(named);
      return [
        ...graphqlOperatorsOf(pgType).map((operator) =>
          operatorField(naming, operator, operator.operand === 'list-of-same' ? listOfRequired(named) : same),
        ),
        isNullField(naming),
      ];
    }),
  );
}

/** What `count` gives. */
const bigintType: PgType = {
  oid: 20,
  schema: 'pg_catalog',
  name: 'int8',
  sqlName: 'bigint',
  kind: 'base',
  element: null,
  base: null,
  relation: null,
};

function describe(typeName: string): string {
  return `Boolean expression to compare columns of type "${typeName}". All fields are combined with logical 'AND'.`;
}

function scalarPart(value: ValueType): string | { readonly custom: string } {
  return value.enumReference === null ? value.named.name : { custom: value.named.name };
}

function comparisonFields(context: SchemaContext, naming: Naming, value: ValueType): InputValue[] {
  const operators = value.enumReference === null ? graphqlOperatorsOf(value.pgType) : enumTableOperators;
  const fields = operators.map((operator) =>
    operatorField(naming, operator, operandType(context, value, operator.operand)),
  );
  fields.push(isNullField(naming));
  const cast = value.enumReference === null ? castField(context, naming, value) : null;
  if (cast !== null) fields.push(cast);
  return fields;
}

function operatorField(naming: Naming, operator: OperatorSpecification, type: TypeReference): InputValue {
  return inputValue(naming.fieldName(operator.name), operator.description, type, {
    kind: 'operator',
    operator,
  });
}

function isNullField(naming: Naming): InputValue {
  return inputValue(naming.fieldName('_is_null'), null, nullable(strictScalars.Boolean), { kind: 'is-null' });
}

function operandType(context: SchemaContext, value: ValueType, shape: OperandShape): TypeReference {
  switch (shape) {
    case 'same':
      return value.nullable;
    case 'list-of-same':
      return listOfRequired(value.nullable);
    case 'text':
      return nullable(strictScalars.String);
    case 'list-of-text':
      return listOfRequired(strictScalars.String);
    case 'boolean':
      return nullable(strictScalars.Boolean);
    case 'lquery':
      return nullable(sibling(value, 'lquery'));
    case 'list-of-lquery':
      // v2 calls them strings here
      return listOfRequired(strictScalars.String);
    case 'ltxtquery':
      return nullable(sibling(value, 'ltxtquery'));
    case 'geometry-distance':
      return nullable(
        helperInput(context, 'st_d_within_input', [distance(), part('from', required(value.named))]),
      );
    case 'geography-distance':
      return nullable(
        helperInput(context, 'st_d_within_geography_input', [
          distance(),
          part('from', required(value.named)),
          part('use_spheroid', nullable(strictScalars.Boolean), 'true'),
        ]),
      );
    case 'band-geometry':
      return nullable(
        helperInput(context, 'st_intersects_nband_geom_input', [
          part('geommin', required(sibling(value, 'geometry'))),
          part('nband', required(strictScalars.Int)),
        ]),
      );
    case 'geometry-band':
      return nullable(
        helperInput(context, 'st_intersects_geom_nband_input', [
          part('geommin', required(sibling(value, 'geometry'))),
          part('nband', nullable(strictScalars.Int)),
        ]),
      );
    default:
      return unreachable(shape);
  }
}

/** These names are the same in every naming convention. */
function helperInput(context: SchemaContext, name: string, fields: readonly InputValue[]): InputObjectType {
  return context.shared(name, () => inputObjectType(name, null, () => fields));
}

function distance(): InputValue {
  return part('distance', required(strictScalars.Float));
}

function part(name: string, type: TypeReference, defaultValue: string | null = null): InputValue {
  return inputValue(name, null, type, { kind: 'part', name }, defaultValue);
}

function sibling(value: ValueType, name: string): NamedType {
  const scalar = scalarOf(siblingOf(value.pgType, name));
  if (scalar === null) throw new InvariantError(`no scalar for "${name}"`);
  return scalar;
}

function castField(context: SchemaContext, naming: Naming, value: ValueType): InputValue | null {
  const target = castTargetOf(value.pgType);
  if (target === null) return null;
  const to: PgType = target.typeName === 'text' ? textType : siblingOf(value.pgType, target.typeName);
  const targetValue = valueTypeOf(context, naming, to);
  if (targetValue === null) return null;
  const name = naming.sharedTypeName(value.named.name, 'cast_exp');
  const input = context.once(value.pgType, `cast ${name}`, () =>
    inputObjectType(name, null, () => [
      inputValue(target.name, null, nullable(comparisonInput(context, naming, targetValue)), {
        kind: 'cast',
        to,
      }),
    ]),
  );
  return inputValue(naming.fieldName('_cast'), null, nullable(input), {
    kind: 'cast',
    to,
  });
}
