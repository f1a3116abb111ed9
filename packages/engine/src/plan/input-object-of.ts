import type { InputObjectType, InputValue } from '../schema/index.ts';
import { InvariantError } from '../support/index.ts';
import { namedType } from './type-text.ts';

/** The input object type that a place takes, alone or in a list. */
export function inputObjectOf({ type, name }: InputValue): InputObjectType {
  const named = namedType(type);
  if (named.kind !== 'input-object') throw new InvariantError(`input '${name}' is no object`);
  return named;
}
