/**
 * A JSON number as digits × 10^exponent, exact whatever its size, with the two questions that value encoding asks of it.
 */
import { JsonNumber } from '../support/index.ts';

export interface Decimal {
  readonly isNegative: boolean;
  /** No leading or trailing zeros; empty for zero. */
  readonly digits: string;
  /** The value is 0.DIGITS × 10^exponent. */
  readonly exponent: number;
}

export function decimalOf(number: number | JsonNumber): Decimal {
  const text = number instanceof JsonNumber ? number.text : String(number);
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  // `String` of a number that JSON can hold, and the text of a JsonNumber, always match.
  const [, sign = '', whole = '', fraction = '', power = '0'] = match ?? [];
  const all = whole + fraction;
  const significant = all.replace(/^0+/, '');
  const digits = significant.replace(/0+$/, '');
  const exponent = whole.length - (all.length - significant.length) + Number(power);
  return { isNegative: sign === '-', digits, exponent: digits === '' ? 0 : exponent };
}

/** The integer that the number is, or null when it has a fraction or more than `maximumDigits` digits. */
export function integerOf(decimal: Decimal, maximumDigits: number): bigint | null {
  const { digits, exponent, isNegative } = decimal;
  if (digits === '') return 0n;
  if (exponent < digits.length || exponent > maximumDigits) return null;
  const magnitude = BigInt(digits.padEnd(exponent, '0'));
  return isNegative ? -magnitude : magnitude;
}

/**
 * As messages print numbers: plain for 0.1 ≤ |x| < 10^7 (`1.5`, `42.0`), otherwise `2.147483648e9`. Source: spec/graphql-api.md 3.3.
 */
export function describeDecimal(decimal: Decimal): string {
  const { digits, exponent } = decimal;
  if (digits === '') return '0.0';
  const sign = decimal.isNegative ? '-' : '';
  if (exponent >= 0 && exponent <= 7) {
    const whole = digits.slice(0, exponent).padEnd(exponent, '0');
    return `${sign}${whole === '' ? '0' : whole}.${digits.slice(exponent) || '0'}`;
  }
  return `${sign}${digits.slice(0, 1)}.${digits.slice(1) || '0'}e${exponent - 1}`;
}

/** Digits around a point, without an exponent; numbers beyond a thousand digits keep theirs. */
export function plainDecimal({ isNegative, digits, exponent }: Decimal): string {
  const sign = isNegative ? '-' : '';
  if (digits === '') return '0';
  if (Math.abs(exponent) > 1000) return `${sign}0.${digits}e${exponent}`;
  const whole = exponent > 0 ? digits.slice(0, exponent).padEnd(exponent, '0') : '0';
  const fraction = exponent > 0 ? digits.slice(exponent) : `${'0'.repeat(-exponent)}${digits}`;
  return fraction === '' ? `${sign}${whole}` : `${sign}${whole}.${fraction}`;
}
