/** The `args` of functions and computed fields. Source: spec/graphql-api.md 9.1, 9.2. */
import type { FunctionArgument, PgType } from '../catalog/index.ts';
import type { Naming } from '../model/index.ts';
import type { SchemaContext } from './context.ts';
import { inputObjectType, inputValue } from './lazy-types.ts';
import { nullable, required } from './type-references.ts';
import { isGraphqlName, scalarByOwnName } from './scalars.ts';
import type { InputValue, TypeReference } from './types.ts';
import { valueTypeOf } from './value-types.ts';

/** An argument that a client gives, with its index in the list that the meaning `function-argument` refers to. */
export interface ClientArgument {
  readonly argument: FunctionArgument;
  readonly position: number;
}

/** Null when there is no argument to give; required unless all of them have defaults. */
export function argumentsType(
  context: SchemaContext,
  naming: Naming,
  typeName: string,
  parameters: readonly ClientArgument[],
): TypeReference | null {
  if (parameters.length === 0) return null;
  const type = inputObjectType(typeName, null, () => argumentFields(context, naming, parameters));
  return parameters.every(({ argument }) => argument.hasDefault) ? nullable(type) : required(type);
}

export function argumentsInput(type: TypeReference | null, description: string): readonly InputValue[] {
  return type === null ? [] : [inputValue('args', description, type, { kind: 'function-arguments' })];
}

/** Unnamed arguments are numbered among themselves: `arg_1`, `arg_2`. */
function* argumentFields(
  context: SchemaContext,
  naming: Naming,
  parameters: readonly ClientArgument[],
): Iterable<InputValue> {
  let unnamed = 0;
  for (const { argument, position } of parameters) {
    const name = argument.name ?? `arg_${++unnamed}`;
    const type = argumentType(context, naming, argument.type);
    if (type === null || !isGraphqlName(name)) continue;
    yield inputValue(name, null, type, { kind: 'function-argument', position });
  }
}

/**
 * Of functions v2 knows the names of the arguments' types only, not what arrays and domains are made of: `int[]` is the scalar `_int4`, whose values are
 * strings as PostgreSQL reads them.
 */
function argumentType(context: SchemaContext, naming: Naming, type: PgType): TypeReference | null {
  if (type.kind !== 'array' && type.kind !== 'domain') {
    return valueTypeOf(context, naming, type)?.nullable ?? null;
  }
  const scalar = scalarByOwnName(type);
  return scalar === null ? null : nullable(scalar);
}
