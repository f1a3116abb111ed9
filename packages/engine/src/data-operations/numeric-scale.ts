import { type Column, isTypeNamed } from '../permissions/index.ts';
import { type Json, JsonNumber } from '../support/index.ts';

const isNumeric = isTypeNamed('numeric');

/**
 * The value as these operations store it: a fraction in a `numeric` column has four, eight … digits, as Hasura hands such numbers over in PostgreSQL's
 * binary form, whose digits come in groups of four. Its value is the same, but answers show the digits.
 */
export function withStoredScale(value: Json, { type }: Column): Json {
  if (!isNumeric(type) || !(typeof value === 'number' || value instanceof JsonNumber)) return value;
  const fraction = /^-?\d+\.(\d+)$/.exec(String(value))?.[1];
  if (fraction === undefined) return value;
  return new JsonNumber(`${String(value)}${'0'.repeat((4 - (fraction.length % 4)) % 4)}`);
}
