import type { PgType } from '../catalog/index.ts';
import { textType, type Value } from '../permissions/index.ts';

const bigint: PgType = { ...textType, oid: 20, name: 'int8', sqlName: 'bigint' };

/** A whole number that the engine itself read, as a limit or an offset. */
export function integerValue(value: number): Value {
  return { source: { kind: 'literal', text: String(value) }, type: bigint, isArray: false, input: 'text' };
}
