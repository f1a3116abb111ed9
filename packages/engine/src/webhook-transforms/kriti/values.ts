import {
  describeKind,
  isJsonObject,
  type Json,
  type JsonKind,
  type JsonNumber,
} from '../../support/index.ts';

/** The order of values of different types. Source: spec/events.md C2. */
const typeOrder: readonly JsonKind[] = ['Object', 'Array', 'String', 'Number', 'Boolean', 'Null'];

/** A total order: negative, zero or positive. Zero means equal: numbers by value, containers by content. */
export function compareValues(a: Json, b: Json): number {
  const type = describeKind(a);
  const difference = typeOrder.indexOf(type) - typeOrder.indexOf(describeKind(b));
  if (difference !== 0) return difference;
  if (Array.isArray(a) && Array.isArray(b)) return compareLists(a, b);
  if (isJsonObject(a) && isJsonObject(b)) return compareLists(sortedEntries(a), sortedEntries(b));
  switch (type) {
    case 'Number':
      return compareNumbers(a as number | JsonNumber, b as number | JsonNumber);
    case 'String':
      return compareText(a as string, b as string);
    case 'Boolean':
      return Number(a) - Number(b);
    default:
      return 0;
  }
}

function sortedEntries(object: { readonly [key: string]: Json }): readonly Json[] {
  return Object.keys(object)
    .sort(compareText)
    .map((key) => [key, object[key] as Json]);
}

function compareLists(a: readonly Json[], b: readonly Json[]): number {
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const order = compareValues(a[index] as Json, b[index] as Json); // below both lengths
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Exact, whatever number of digits there is. */
function compareNumbers(a: number | JsonNumber, b: number | JsonNumber): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [x, y] = [decimalOf(String(a)), decimalOf(String(b))];
  if (x.sign !== y.sign) return x.sign - y.sign;
  const magnitude = x.exponent - y.exponent || compareText(x.digits, y.digits);
  return x.sign * magnitude;
}

/** `sign × 0.digits × 10^exponent`, without zeros at either end; no digits for zero. */
function decimalOf(text: string): {
  readonly sign: number;
  readonly digits: string;
  readonly exponent: number;
} {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  const [, minus = '', whole = '', fraction = '', power = '0'] = match ?? [];
  const written = (whole + fraction).replace(/0+$/, '');
  const digits = written.replace(/^0+/, '');
  if (digits === '') return { sign: 0, digits, exponent: 0 };
  const exponent = Number(power) + whole.length - (written.length - digits.length);
  return { sign: minus === '' ? 1 : -1, digits, exponent };
}
