import type { Value } from '../permissions/index.ts';
import { builtInTypes } from './built-in-types.ts';

/** A whole number that the engine itself read, as a limit or an offset. */
export function integerValue(value: number): Value {
  return {
    source: { kind: 'literal', text: String(value) },
    type: builtInTypes.int8,
    isArray: false,
    input: 'text',
  };
}
