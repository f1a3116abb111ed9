import { type Json, JsonNumber } from './json.ts';

export type JsonKind = 'Null' | 'Boolean' | 'Number' | 'String' | 'Array' | 'Object';

/** The kind of a JSON value as messages name it: `Number`, `Boolean`, … */
export function describeKind(value: Json): JsonKind {
  if (value === null) return 'Null';
  if (typeof value === 'boolean') return 'Boolean';
  if (typeof value === 'number' || value instanceof JsonNumber) return 'Number';
  if (typeof value === 'string') return 'String';
  return Array.isArray(value) ? 'Array' : 'Object';
}
