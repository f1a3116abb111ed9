import { type Column, isTypeNamed } from '../permissions/index.ts';
import { type Json, JsonNumber } from '../support/index.ts';

const isNumeric = isTypeNamed('numeric');

/**
 * The value as these operations store it: a fraction in a `numeric` column has four, eight … digits. Its value is the same, but answers show the
 * digits. Source: one conformance case (`test_numerics_inc`); that it comes from the groups of four digits of PostgreSQL's binary form is a guess.
 */
export function withStoredScale(value: Json, { type }: Column): Json {
  if (!isNumeric(type) || !(typeof value === 'number' || value instanceof JsonNumber)) return value;
  const fraction = /^-?\d+\.(\d+)$/.exec(String(value))?.[1];
  if (fraction === undefined) return value;
  return new JsonNumber(`${String(value)}${'0'.repeat((4 - (fraction.length % 4)) % 4)}`);
}
