/**
 * Calls of database functions from the arguments that a client gives. Source: spec/graphql-api.md 9.1.
 */
import type { CatalogFunction, FunctionArgument } from '../catalog/index.ts';
import { Path, RequestError } from '../support/index.ts';
import type { FunctionCall, FunctionCallArgument, Value } from './types.ts';

export interface SpecialArguments {
  /** Index of the argument that receives the row, for computed fields. */
  readonly row: number | null;
  /** Index of the argument that receives the session variables as one JSON object. */
  readonly session: number | null;
}

/** The arguments that a client gives, in order. */
export function clientArguments(fn: CatalogFunction, special: SpecialArguments): readonly FunctionArgument[] {
  return fn.arguments.filter((_, index) => index !== special.row && index !== special.session);
}

/**
 * Builds calls of `fn` from the values of `clientArguments`; null stands for an omitted one. Behind a gap arguments are named.
 * @throws RequestError `not-supported` when what is omitted cannot be
 */
export function functionCaller(
  fn: CatalogFunction,
  special: SpecialArguments,
): (values: readonly (Value | null)[]) => FunctionCall {
  const name = { schema: fn.schema, name: fn.name };
  return (values) => {
    const given: FunctionCallArgument[] = [];
    let position = 0;
    let hasGap = false;
    for (const [index, argument] of fn.arguments.entries()) {
      const isSpecial = index === special.row || index === special.session;
      const value = isSpecial ? null : (values[position++] ?? null);
      if (!isSpecial && value === null) {
        if (!argument.hasDefault) throw fault('Non default arguments cannot be omitted');
        hasGap = true;
        continue;
      }
      if (hasGap && argument.name === null) {
        throw fault('Only last set of positional arguments can be omitted');
      }
      const argumentName = hasGap ? argument.name : null;
      if (index === special.row) given.push({ kind: 'row', name: argumentName });
      else given.push({ kind: 'value', name: argumentName, value: value ?? sessionValue(argument) });
    }
    return { function: name, arguments: given };
  };
}

function sessionValue(argument: FunctionArgument): Value {
  return { source: { kind: 'session-object' }, type: argument.type, isArray: false, input: 'text' };
}

function fault(message: string): RequestError {
  return new RequestError('not-supported', Path.root, message);
}
