import { expect, test } from 'vitest';
import { type Json, JsonNumber, parseJson, stringifyJson } from './json.ts';

test('numbers keep the digits that a JavaScript number would lose', () => {
  expect(parseJson('9007199254740993')).toEqual(new JsonNumber('9007199254740993'));
  expect(parseJson('[1, 1.5, 1.10, -0, 1e3]')).toEqual([
    1,
    1.5,
    new JsonNumber('1.10'),
    new JsonNumber('-0'),
    new JsonNumber('1e3'),
  ]);
  expect(stringifyJson(parseJson('{"n":1.10,"m":[12345678901234567890]}'))).toBe(
    '{"n":1.10,"m":[12345678901234567890]}',
  );
});

test('repeated and integer-like keys survive a round trip', () => {
  expect(stringifyJson(parseJson('{"b":1,"a":{"2":0,"1":0}}'))).toBe('{"b":1,"a":{"2":0,"1":0}}');
  expect(stringifyJson(parseJson('[{"a":1,"a":2}]'))).toBe('[{"a":1,"a":2}]');
});

test('odd keys are ordinary keys', () => {
  expect(Object.keys(parseJson('{"__proto__":1,"constructor":2}') as object)).toEqual([
    '__proto__',
    'constructor',
  ]);
});

test.each([
  ['', 'unexpected end of input at position 0'],
  ['{"a":1,}', 'expected a key at position 7'],
  ['[1 2]', "expected ',' or ']' at position 3"],
  ['"a', 'unterminated string at position 0'],
  ['"\u0001"', 'malformed string at position 0'],
  ['nul', 'unexpected character at position 0'],
  ['01', 'unexpected text after the value at position 1'],
  ['{"a" 1}', "expected ':' at position 5"],
])('%j is refused', (text, message) => {
  expect(() => parseJson(text)).toThrow(new SyntaxError(message));
});

test('deep nesting is refused, not a crash', () => {
  expect(() => parseJson('['.repeat(100_000))).toThrow('more than 1000 levels of nesting');
});

test('agrees with JSON.parse on ordinary text', () => {
  const text = '{"a":[true,false,null,"\\u00e9\\n\\"x",{"b":[]},{}],"c":-12.5}';
  expect(JSON.stringify(parseJson(text))).toBe(JSON.stringify(JSON.parse(text)));
});

test('what is written alike becomes one object when that is asked for, and means the same', () => {
  const text = '[{"a":[1,{"b":1.10}]},{"a":[1,{"b":1.10}]},{"a": [1]},{"2":0,"2":1},{"2":0,"2":1},"]"]';
  const shared = parseJson(text, { sharesEqual: true }) as readonly Json[];
  expect(shared).toEqual(parseJson(text));
  expect(stringifyJson(shared)).toBe(
    '[{"a":[1,{"b":1.10}]},{"a":[1,{"b":1.10}]},{"a":[1]},{"2":0,"2":1},{"2":0,"2":1},"]"]',
  );
  expect(shared[0]).toBe(shared[1]);
  expect((parseJson(text) as readonly Json[])[0]).not.toBe((parseJson(text) as readonly Json[])[1]);
});

test('sharing refuses what is refused without it', () => {
  for (const text of ['[{"a":1},{"a":1}', '[[1],[1]', '{"a":[1}', '[{"a"},{"a"}]', '["\\"]']) {
    const plainly = () => parseJson(text);
    let message = '';
    try {
      plainly();
    } catch (error) {
      message = (error as Error).message;
    }
    expect(() => parseJson(text, { sharesEqual: true })).toThrow(message);
  }
  const nested = `${'['.repeat(880)}${']'.repeat(880)}`;
  const deep = `[${nested},${'['.repeat(500)}${nested}${']'.repeat(500)}]`;
  expect(() => parseJson(deep, { sharesEqual: true })).toThrow('more than 1000 levels of nesting');
});

test('sharing ends where nothing repeats, and the rest is read all the same', () => {
  const text = `[${Array.from({ length: 30_000 }, (_, index) => `{"n":${index},"m":[${index}]}`).join(',')}]`;
  expect(stringifyJson(parseJson(text, { sharesEqual: true }))).toBe(text);
});
