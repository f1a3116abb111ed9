import { expect, test } from 'vitest';
import { parseNativeCode, undeclaredArguments } from './native-code.ts';

const declared = new Set(['a', 'b_2']);

/** Arguments as `<name>`. */
function parsed(code: string): string {
  const parts = parseNativeCode(code, declared);
  if (typeof parts === 'string') return `fault: ${parts}`;
  return parts.map((part) => (part.kind === 'sql' ? part.text : `<${part.name}>`)).join('');
}

test.each([
  ['select {{a}}, {{ b_2 }} + {{a}}', 'select <a>, <b_2> + <a>'],
  ['select 1; \n', 'select 1'],
  ['{{a}}', '<a>'],
  // texts and comments hold no arguments
  ["select '{{1,2},{3,4}}'::int[]", "select '{{1,2},{3,4}}'::int[]"],
  ['select 1 -- {{a}} ;)', 'select 1 -- {{a}} ;)'],
  ['select /* {{a}} /* ; */ ( */ {{a}}', 'select /* {{a}} /* ; */ ( */ <a>'],
  [
    "select ';)', $$;)$$, $x$;$$)$x$, \"(;\", 'it''s ('",
    "select ';)', $$;)$$, $x$;$$)$x$, \"(;\", 'it''s ('",
  ],
  ["select E'\\'(', a$b$c", "select E'\\'(', a$b$c"],
])('%s', (code, expected) => {
  expect(parsed(code)).toBe(expected);
});

test('arguments that nobody declared', () => {
  const code = parseNativeCode('select {{c}}, {{a}}, {{}}, {{c}} -- {{d}}', new Set(['a']));
  if (typeof code === 'string') throw new Error(code);
  expect(undeclaredArguments(code, new Set(['a']))).toEqual(['', 'c']);
});

test.each([
  ['select {{a', 'an argument has no end: found {{ without }}'],
  ["select '{{a}}'", 'the argument "a" stands in quotes'],
  ['select "{{a}}"', 'the argument "a" stands in quotes'],
  ['select $$ {{a}} $$', 'the argument "a" stands in quotes'],
  ['select 1; select 2', 'only one statement can be given'],
  // what would end before the filter
  ['select 1) as _0 where true or (true', 'its parentheses do not match'],
  ['select 1) as _0 --', 'its parentheses do not match'],
  ['select (1', 'its parentheses do not match'],
  ["select 'x", 'a text has no end'],
  ['select "x', 'a quoted name has no end'],
  ['select $x$ $y$', 'a text has no end'],
  ['select 1 /* /* */', 'a comment has no end'],
  ["select '\\') as _0 --'", 'its parentheses do not match'],
  ['select \0', 'the code has a NUL character'],
])('refused: %s', (code, fault) => {
  expect(parsed(code)).toBe(`fault: ${fault}`);
});
