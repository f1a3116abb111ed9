import { expect, test } from 'vitest';
import { arrayOf, pgType } from '../../test/support/pg-types.ts';
import { type Json, JsonNumber, Path, parseJson } from '../support/index.ts';
import { encodeList, encodeValue, inputOf } from './encode-value.ts';

const encode = (value: Json, type: string) => encodeValue(value, pgType(type), Path.root);

test.each<[string, Json, string]>([
  ['int4', 7, '7'],
  ['int4', -2147483648, '-2147483648'],
  ['int4', 'any text', 'any text'],
  ['int4', new JsonNumber('1e3'), '1000'],
  ['int8', new JsonNumber('9223372036854775807'), '9223372036854775807'],
  ['float8', 1.5, '1.5'],
  ['numeric', new JsonNumber('1.10'), '1.10'],
  ['numeric', new JsonNumber('1e400'), '1.0e400'],
  ['numeric', new JsonNumber('-1E-30'), '-1.0E-30'],
  ['bool', true, 'true'],
  ['bool', 'yes', 'yes'],
  ['text', 'x', 'x'],
  ['jsonb', { a: [1, null] }, '{"a":[1,null]}'],
  ['jsonb', 'x', '"x"'],
  ['ltree', 'a.b_1', 'a.b_1'],
  ['mood', 'happy', 'happy'],
  ['geometry', 'POINT(1 2)', 'POINT(1 2)'],
])('%s takes %j', (type, value, text) => {
  expect(encode(value, type)).toBe(text);
});

const overflow =
  'lies outside the bounds or is not an integer. Maybe it is a float, or is there integer overflow?';

test.each<[string, Json, string]>([
  ['int4', 2147483648, `The value 2.147483648e9 ${overflow}`],
  ['int2', 32768, `The value 32768.0 ${overflow}`],
  ['int4', 1.5, `The value 1.5 ${overflow}`],
  ['int4', 0.01, `The value 1.0e-2 ${overflow}`],
  ['int8', new JsonNumber('9223372036854775808'), `The value 9.223372036854775808e18 ${overflow}`],
  ['int8', new JsonNumber('1e999999999'), `The value 1.0e999999999 ${overflow}`],
  [
    'float8',
    new JsonNumber('1e400'),
    'The value 1.0e400 lies outside the bounds. Is it overflowing the float bounds?',
  ],
  ['text', 5, 'parsing Text failed, expected String, but encountered Number'],
  ['timestamptz', true, 'parsing UTCTime failed, expected String, but encountered Boolean'],
  ['timestamp', 1, 'parsing LocalTime failed, expected String, but encountered Number'],
  ['date', 1, 'parsing Day failed, expected String, but encountered Number'],
  ['timetz', 1, 'Expecting a string for timetz'],
  ['time', 1, 'A string is expected for type: time'],
  ['uuid', 1, 'parsing UUID failed, expected String, but encountered Number'],
  ['bpchar', 1, 'parsing Char failed, expected String, but encountered Number'],
  [
    'int2',
    true,
    'parsing Integer expected for input type: PGSmallInt failed, expected Number, but encountered Boolean',
  ],
  [
    'int4',
    true,
    'parsing Integer expected for input type: PGInteger failed, expected Number, but encountered Boolean',
  ],
  [
    'int8',
    {},
    'parsing Integer expected for input type: PGBigInt failed, expected Number, but encountered Object',
  ],
  [
    'float4',
    [],
    'parsing Float expected for input type: PGFloat failed, expected Number, but encountered Array',
  ],
  [
    'float8',
    true,
    'parsing Float expected for input type: PGDouble failed, expected Number, but encountered Boolean',
  ],
  ['bool', 1, 'expected Bool, but encountered Number'],
  ['mood', 1, 'A string is expected for type: mood'],
  ['raster', 1, 'expecting String for raster'],
  ['raster', 'xy', 'invalid hexadecimal representation of raster well known binary format'],
  [
    'ltree',
    'a..b',
    'Expecting label path: a sequence of zero or more labels separated by dots, for example L1.L2.L3',
  ],
  ['geometry', { type: 'Point', coordinates: [1] }, 'A Position needs at least 2 elements'],
  ['geometry', 5, 'parsing Geometry failed, expected Object, but encountered Number'],
  ['geometry', { type: 5 }, 'parsing String failed, expected String, but encountered Number'],
  [
    'geometry',
    { type: 'Point', coordinates: 1 },
    'parsing Position failed, expected Array, but encountered Number',
  ],
  ['geometry', { type: 'Point', coordinates: ['a', 1] }, 'parsing Double failed, unexpected String'],
  [
    'geometry',
    { type: 'LineString', coordinates: {} },
    'parsing LineString failed, expected Array, but encountered Object',
  ],
  [
    'geometry',
    { type: 'Polygon', coordinates: [1] },
    'parsing LinearRing failed, expected Array, but encountered Number',
  ],
  [
    'geometry',
    { type: 'MultiPoint', coordinates: 1 },
    'parsing [] failed, expected Array, but encountered Number',
  ],
  ['geometry', { type: 'Circle', coordinates: [1] }, 'unexpected geometry type: Circle'],
  ['geometry', { type: 'LineString', coordinates: [[1, 2]] }, 'A LineString needs at least 2 Positions'],
  [
    'geometry',
    {
      type: 'Polygon',
      coordinates: [
        [
          [0, 0],
          [1, 0],
          [0, 0],
        ],
      ],
    },
    'A LinearRing needs at least 4 Positions',
  ],
  [
    'geography',
    {
      type: 'GeometryCollection',
      geometries: [
        {
          type: 'Polygon',
          coordinates: [
            [
              [0, 0],
              [1, 0],
              [1, 1],
              [0, 1],
            ],
          ],
        },
      ],
    },
    'the first and last locations have to be equal for a LinearRing',
  ],
])('%s refuses %j', (type, value, message) => {
  expect(() => encode(value, type)).toThrow(message);
});

test('arrays become array literals that hold any text', () => {
  const textArray = arrayOf(pgType('text'));
  expect(encodeValue(['a', 'b "c" \\ {d}', 'NULL', ''], textArray, Path.root)).toBe(
    '{"a","b \\"c\\" \\\\ {d}","NULL",""}',
  );
  expect(encodeValue([null, 'x'], textArray, Path.root)).toBe('{NULL,"x"}');
  expect(encodeValue('{a,b}', textArray, Path.root)).toBe('{a,b}');
  expect(encodeValue('a', textArray, Path.root)).toBe('{"a"}');
  expect(encodeValue([[1], [2]], arrayOf(pgType('int4')), Path.root)).toBe('{{"1"},{"2"}}');
  expect(encodeValue([[1], { a: 2 }], arrayOf(pgType('jsonb')), Path.root)).toBe('{"[1]","{\\"a\\":2}"}');
  expect(encodeList([], pgType('int4'), Path.root)).toBe('{}');
});

test('the path of a fault in a list ends in the index', () => {
  let path = '';
  try {
    encodeList([1, 'x', 1.5], pgType('int4'), Path.root.child('args'));
  } catch (error) {
    path = String((error as { path: Path }).path);
  }
  expect(path).toBe('$.args[2]');
});

test('the path of a fault in a column of arrays is that of the column', () => {
  let path = '';
  try {
    encodeValue([1, 1.5], arrayOf(pgType('int4')), Path.root.child('ia'));
  } catch (error) {
    path = String((error as { path: Path }).path);
  }
  expect(path).toBe('$.ia');
});

test('a composite takes PostgreSQL’s text only', () => {
  const composite = { ...pgType('addr'), kind: 'composite' as const };
  expect(encodeValue('(a,1)', composite, Path.root)).toBe('(a,1)');
  expect(() => encodeValue({ a: 1 }, composite, Path.root)).toThrow('A string is expected for type: addr');
});

test('a domain takes what its base type takes', () => {
  const domain = { ...pgType('positive'), kind: 'domain' as const, base: pgType('int4') };
  expect(encodeValue(parseJson('5'), domain, Path.root)).toBe('5');
  expect(() => encodeValue(1.5, domain, Path.root)).toThrow('lies outside the bounds');
});

test('geometries travel as GeoJSON unless they are text', () => {
  expect(inputOf(pgType('geometry'))).toBe('geojson');
  expect(inputOf(pgType('geometry'), { type: 'Point', coordinates: [1, 2] })).toBe('geojson');
  expect(inputOf(pgType('geography'), 'POINT(1 2)')).toBe('text');
  expect(inputOf(pgType('raster'))).toBe('raster-hex');
  expect(inputOf(pgType('int4'))).toBe('text');
});
