import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  isSame,
  NumberText,
  readJson,
  readYaml,
  toPlain,
  type Value,
  writeJson,
  writeYaml,
} from './index.ts';

/** What stands behind `a: `. */
const written = (text: string) =>
  writeYaml(new Map([['a', text]]))
    .replace(/^a: /, '')
    .replace(/\n$/, '');

test.each([
  // as in files that the Hasura CLI has written
  ['{{ACTION_BASE_URL}}/login', "'{{ACTION_BASE_URL}}/login'"],
  ['*', "'*'"],
  ['', '""'],
  ['0 3 * * *', '0 3 * * *'],
  ['http://localhost:3000', 'http://localhost:3000'],
  ['X-Hasura-User-Id', 'X-Hasura-User-Id'],
  ['two lines\nof text', '|-\n  two lines\n  of text'],
  ['ends with a line end\n', '|\n  ends with a line end'],
  ['a\n\n', '|+\n  a\n'],
  ['\n  a', '|2-\n\n    a'],
  ['{\n  "a": 1 \n}', '"{\\n  \\"a\\": 1 \\n}"'],
  ['a\tb', '"a\\tb"'],
  ['true', '"true"'],
  ['No', '"No"'],
  ['n', '"n"'],
  ['null', '"null"'],
  ['12', '"12"'],
  ['1.50', '"1.50"'],
  ['1e3', '"1e3"'],
  ['0x1F', '"0x1F"'],
  ['2024-01-31', '"2024-01-31"'],
  ['12:30:45', '"12:30:45"'],
  ['2024-01-31T10:00:00+02:00', '"2024-01-31T10:00:00+02:00"'],
  ['2024-01-31 or so', '2024-01-31 or so'],
  [' 1-2', '" 1-2"'],
  ['030-1234', '"030-1234"'],
  ['a\u2028b', '"a\\Lb"'],
  ['+49 30', '+49 30'],
  ['-', "'-'"],
  ['- a', "'- a'"],
  ['-a', '-a'],
  ['a: b', "'a: b'"],
  ['a:b', 'a:b'],
  ['a #b', "'a #b'"],
  ['#b', "'#b'"],
  ['!include x', "'!include x'"],
  ["it's", "it's"],
  ["'it", "'''it'"],
  ['@at', "'@at'"],
  [' a', "' a'"],
  ['äöü €', 'äöü €'],
  ['😀', '"\\U0001F600"'],
  ['\u0000\u0085\u2028', '"\\0\\N\\L"'],
])('the string %j is written %s', (text, expected) => {
  expect(written(text)).toBe(expected);
});

test('lists and mappings stand as in the files of the Hasura CLI', () => {
  const value = readJson(
    '{"sources":[{"name":"a","tables":[["x","z"],[],{}]}],"empty":{},"m":[1.50,null,true],"1":{"__proto__":"k"},"text":["a\\nb"]}',
  );
  expect(writeYaml(value)).toBe(
    `sources:
  - name: a
    tables:
      - - x
        - z
      - []
      - {}
empty: {}
m:
  - 1.50
  - null
  - true
"1":
  __proto__: k
text:
  - |-
    a
    b
`,
  );
  expect(writeYaml([])).toBe('[]\n');
  expect(writeYaml(new Map())).toBe('{}\n');
  expect(writeYaml(['!include a.yaml'], (text) => text.startsWith('!include '))).toBe(
    '- "!include a.yaml"\n',
  );
});

test('a key that is too long for one line is written with a question mark, and read again', () => {
  const long = 'k'.repeat(129);
  for (const value of ['v', ['v'], new Map([['b', 'v']])]) {
    const text = writeYaml(new Map([['a', new Map([[long, value]])]]));
    expect(text).toContain(`? ${long}\n`);
    expect(toPlain(readYaml(text))).toEqual({ a: { [long]: toPlain(value) } });
  }
});

test('numbers keep their digits, keys their order', () => {
  const text = '{"b":1.10,"10":12345678901234567890,"a":1e400,"__proto__":-0}';
  expect(writeJson(readJson(text))).toBe(text);
  expect(writeJson(readYaml(writeYaml(readJson(text))))).toBe(text);
});

test.each(['', '{', '[1,]', '{"a":1,}', '01', '"\u0001"', '[1] 2', 'nul'])('%j is no JSON', (text) => {
  expect(() => readJson(text)).toThrow(SyntaxError);
});

test('YAML as people write it: anchors, merges, tags, other number forms', () => {
  const text = 'base: &b {a: 1}\nx:\n  <<: *b\n  y: 0x10\nz: !include f.yaml\nyes: no\n';
  expect(toPlain(readYaml(text))).toEqual({
    base: { a: 1 },
    x: { a: 1, y: 16 },
    z: '!include f.yaml',
    yes: 'no',
  });
  expect(() => readYaml('a: 1\na: 2')).toThrow(/unique/);
});

test('nesting is bounded', () => {
  expect(() => readJson('['.repeat(2_000))).toThrow('nested too deeply');
});

const values: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom(...' \n\t-:#?!&*\'"{}[],|>%@`~<=.01aeynx\\') }),
    fc.constantFrom(null, true, false),
    fc
      .double({ noNaN: true, noDefaultInfinity: true })
      .map((number) => new NumberText(JSON.stringify(number))),
    fc.array(tie('value'), { maxLength: 4 }),
    fc
      .array(fc.tuple(fc.string({ unit: fc.constantFrom(...' \n-:#?!"\'1ab[{') }), tie('value')), {
        maxLength: 4,
      })
      .map((pairs) => new Map(pairs)),
  ),
})).value;

test('whatever is written is read again, as JSON and as YAML', () => {
  fc.assert(
    fc.property(values, (value) => {
      for (const again of [
        readJson(writeJson(value)),
        readJson(writeJson(value, 2)),
        readYaml(writeYaml(value)),
      ]) {
        if (!isSame(value, again)) throw new Error(`${writeYaml(value)}\nis read as\n${writeJson(again)}`);
      }
    }),
    { numRuns: 1_000 },
  );
});
