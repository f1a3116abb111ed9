import { expect, test } from 'vitest';
import { canonicalText } from './canonical-text.ts';

const listed = 'query q($x: Int = 1) { a(b: "c", d: {e: [1, 2]}) { f, g ...h } } fragment h on t { i }';

test.each([
  [
    'white space, commas and comments',
    'query q($x:Int=1){a(b:"c" d:{e:[1 2]}){f # no\n g,...h}}fragment h on t{i}',
  ],
  [
    'the form of a string',
    'query q($x: Int = 1) { a(b: """c""", d: {e: [1, 2]}) { f, g ...h } } fragment h on t { i }',
  ],
  [
    'the order of arguments',
    'query q($x: Int = 1) { a(d: {e: [1, 2]}, b: "c") { f, g ...h } } fragment h on t { i }',
  ],
  [
    '__typename, also under an alias and in fragments',
    'query q($x: Int = 1) { __typename a(b: "c", d: {e: [1, 2]}) { f, kind: __typename g ...h } } fragment h on t { i __typename }',
  ],
])('%s does not count', (_what, text) => {
  expect(canonicalText(text)).toBe(canonicalText(listed));
});

test.each([
  ['the order of fields', listed.replace('f, g', 'g, f')],
  ['an alias', listed.replace('f, g', 'f, k: g')],
  ['the name of the operation', listed.replace('query q', 'query r')],
  ['the name of a fragment', listed.replaceAll(/\bh\b/g, 'j')],
  ['a value', listed.replace('"c"', '"d"')],
  ['a string that looks like another value', listed.replace('"c"', 'c')],
  ['a default', listed.replace('= 1', '= 2')],
  ['a directive', listed.replace('f, g', 'f @skip(if: true), g')],
  ['a further operation', `${listed} query r { a }`],
  ['a further fragment', `${listed} fragment k on t { i }`],
])('%s counts', (_what, text) => {
  expect(canonicalText(text)).not.toBe(canonicalText(listed));
});

test('what is no document is refused as always', () => {
  expect(() => canonicalText('{ a')).toThrow('not a valid graphql query');
  expect(() => canonicalText('{a'.repeat(600))).toThrow('nested more deeply');
});
