/** The `args` of functions and computed fields. Source: spec/graphql-api.md 9.1, 9.2. */
import type { FunctionArgument } from '../catalog/index.ts';
import type { Naming } from '../model/index.ts';
import type { SchemaContext } from './context.ts';
import { inputObjectType, inputValue } from './lazy-types.ts';
import { nullable, required } from './type-references.ts';
import { isGraphqlName } from './scalars.ts';
import type { InputValue } from './types.ts';
import { valueTypeOf } from './value-types.ts';

/** An argument that a client gives, with its index in the list that the meaning `function-argument` refers to. */
export interface ClientArgument {
  readonly argument: FunctionArgument;
  readonly position: number;
}

/** Nothing when there is no argument to give; required unless all of them have defaults. */
export function functionArguments(
  context: SchemaContext,
  naming: Naming,
  typeName: string,
  description: string,
  parameters: readonly ClientArgument[],
): readonly InputValue[] {
  if (parameters.length === 0) return [];
  const type = inputObjectType(typeName, null, () => argumentFields(context, naming, parameters));
  const isOptional = parameters.every(({ argument }) => argument.hasDefault);
  return [
    inputValue('args', description, isOptional ? nullable(type) : required(type), {
      kind: 'function-arguments',
    }),
  ];
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
    const value = valueTypeOf(context, naming, argument.type);
    if (value === null || !isGraphqlName(name)) continue;
    yield inputValue(name, null, value.nullable, { kind: 'function-argument', position });
  }
}
