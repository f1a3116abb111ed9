import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseJson } from '../../support/index.ts';
import { basicFunctions, evaluateTemplate, parseTemplate, sessionFunctions, TemplateError } from './index.ts';

const body = parseJson(`{
  "hello": "world", "n": 5, "big": 9007199254740993, "flag": true, "none": null, "_id": 7,
  "items": [{"id": 1, "qty": 2}, {"id": 2, "qty": 4}], "o": {"a": {"b": 1}}, "key": "hello"
}`);

function run(template: string): unknown {
  const scope = {
    variables: new Map([['$body', body]]),
    functions: new Map([...basicFunctions, ...sessionFunctions(new Map([['x-hasura-user-id', '42']]))]),
  };
  return evaluateTemplate(parseTemplate(template), scope);
}

test.each<[string, unknown]>([
  ['$body.hello', 'world'],
  ['{{ $body.hello }}', 'world'],
  ['{"a": {{ $body.n }}, "b": $body.flag}', { a: 5, b: true }],
  ['{"user": {"id": {{$body.n}}}}', { user: { id: 5 } }],
  ['"hello {{ $body.hello }}, {{$body.n}} {{$body.none}} {{$body.o}}"', 'hello world, 5 null {"a":{"b":1}}'],
  ['"n={{1}}"', 'n=1'],
  ['"{ \\{\\{ \\" \\u0041 \\/"', '{ {{ " A /'],
  ['# a comment\n{{ {"a": {"b": 1} } }} # the end', { a: { b: 1 } }],
  ['{{ $body.items[1].id }}', 2],
  ["{{ $body['_id'] }}", 7],
  ['{{ $body[$body.key] }}', 'world'],
  ['{{ $body["hello"] }}', 'world'],
  ['{{ $body.missing?.x }}', null],
  ['{{ $body?.missing.x }}', null],
  ['{{ $body.items?[7].id }}', null],
  ["{{ $body.o?.a?['b'] ?? null }}", 1],
  ['{{ $body.none ?? "x" }}', 'x'],
  ['{{ $body?.nope ?? "d" }}', 'd'],
  ['{{ ($body.n > 3) && ($body.n <= 5) }}', true],
  ['{{ $body.big == 9007199254740992 }}', false],
  ['{{ $body.big > 9007199254740992 }}', true],
  ['{{ 1.50 == 1.5 }}', true],
  ['{{ 1e2 == 100 }}', true],
  ['{{ -0.5 < 007 }}', true],
  ['{{ {"a": 1, "b": [1]} == {"b": [1.0], "a": 1} }}', true],
  ['{{ "a" < "b" }}', true],
  ['{{ 2 in [1, 2] }}', true],
  ['{{ "n" in $body }}', true],
  ['{{ not $body.flag }}', false],
  ['{{ not($body.flag) }}', false],
  ['{{ (not $body.flag) || true }}', true],
  ['{{ not $body.flag == false }}', true],
  ['{{ if $body.flag }} {"a": {"b": 1}} {{ else }} null {{ end }}', { a: { b: 1 } }],
  ['{{ if $body.n == 1 }} 1 {{ elif $body.n == 5 }} 2 {{ else }} 3 {{ end }}', 2],
  ['"{{ {{ if $body.flag }} "x" {{ else }} "y" {{ end }} }}!"', 'x!'],
  [
    '{{ range i, x := $body.items }} {"i": {{i}}, "many": {{ x.qty > 3 }}} {{ end }}',
    [
      { i: 0, many: false },
      { i: 1, many: true },
    ],
  ],
  ['{{ range _, x := [[1],[2]] }} {{ range _, y := x }} y {{ end }} {{ end }}', [[1], [2]]],
  ['{{ (size($body.items)) > 1 }}', true],
  ['{"a": 1, "a": 2}', { a: 1 }],
  ['{{ getSessionVariable("X-Hasura-User-Id") }}', '42'],
  ['[]', []],
  ['{}', {}],
])('%s', (template, value) => {
  expect(run(template)).toEqual(value);
});

test.each<[string, unknown]>([
  ['empty("  ")', true],
  ['empty({})', true],
  ['empty(0)', true],
  ['size("é😀")', 2],
  ['size(null)', 0],
  ['inverse([1, 2])', [2, 1]],
  ['inverse("ab")', 'ba'],
  ['inverse(4)', 0.25],
  ['head([3, 4])', 3],
  ['tail("abc")', 'bc'],
  ['toUpper("aé")', 'AÉ'],
  ['toTitle("hello big-world")', 'Hello Big-world'],
  ['toTitle("3RD it\u0027S (x)")', "3Rd It's (X)"],
  ['toCaseFold("Straße")', 'strasse'],
  ['not(1 == 1)', false],
  ['escapeUri("a b/ü,*")', 'a%20b%2F%C3%BC%2C%2A'],
  ['toPairs({"a": 1})', [['a', 1]]],
  ['fromPairs([["a", 1]])', { a: 1 }],
  ['removeNulls([1, null])', [1]],
  ['concat([[1], [2]])', [1, 2]],
  ['concat(["a", "b"])', 'ab'],
  ['concat([{"a": 1}, {"a": 2}])', { a: 2 }],
  ['concat([])', []],
  ['getSessionVariable(null)', null],
])('%s', (call, value) => {
  expect(run(`{{ ${call} }}`)).toEqual(value);
});

test.each<[string, string, string, number, number]>([
  ['{{ $body.world }}', 'Attribute Error', "'Object' has no attribute 'world'.", 4, 15],
  ['$body.hello }}', 'Parse Error', "Unexpected token '}'.", 14, 15],
  [
    '{{ getSessionVariable("this_variable_doesnt_exist") }}',
    'Function Error',
    'Session variable "this_variable_doesnt_exist" not found',
    23,
    51,
  ],
  ['{{ fooFunction("x") }}', 'Name Error', "Variable 'fooFunction' not in scope", 4, 20],
  ['"-σ-{{ nope }}"', 'Name Error', "Variable 'nope' not in scope", 7, 11],
  ['{{ nope }}', 'Name Error', "Variable 'nope' not in scope", 4, 8],
  ['{{ true && true && true }}', 'Parse Error', "Unexpected token '&&'.", 25, 27],
  ['{{ size($body) > 0 }}', 'Parse Error', "Unexpected token '>'.", 20, 22],
  ['"{{ if true }}x{{ else }}y{{ end }}"', 'Parse Error', "Unexpected token 'if'.", 36, 37],
  ['{{ if true }} 1 {{ end }}', 'Parse Error', "Unexpected token 'end'.", 24, 26],
  ['[1,]', 'Parse Error', "Unexpected token ']'.", 4, 5],
  ['', 'Parse Error', 'ParseError: Empty token stream.', 1, 1],
  ['{{ $body._id }}', 'Parse Error', "Unexpected token '_'.", 14, 16],
  ['"open', 'Parse Error', 'ParseError: Empty token stream.', 2, 6],
  ['[1  ', 'Parse Error', 'ParseError: Empty token stream.', 3, 5],
  ['[1 # x', 'Parse Error', 'ParseError: Empty token stream.', 4, 7],
  ["{{ $body 'k' }}", 'Parse Error', "Unexpected token '''.", 14, 16],
  ['{{ 1 ~ é }}', 'Lex Error', "Invalid Lexeme: '~ é }}'", 6, 13],
  ['{{ nofunction($body.nope) }}', 'Attribute Error', "'Object' has no attribute 'nope'.", 15, 25],
  ['{{ $body.n.x }}', 'Type Error', "Couldn't match expected type 'Object' with actual type 'Number'", 4, 11],
  [
    '{{ $body.n["x"] }}',
    'Type Error',
    "Couldn't match expected type 'Object' with actual type 'Number'",
    4,
    11,
  ],
  [
    '{{ $body.n[$nope] }}',
    'Type Error',
    "Couldn't match expected type 'Object' with actual type 'Number'",
    4,
    11,
  ],
  ['{{ $body[1] }}', 'Type Error', "Couldn't match expected type 'String' with actual type 'Number'", 4, 9],
  [
    '{{ $body.items["x"] }}',
    'Type Error',
    "Couldn't match expected type 'Integer' with actual type 'String'",
    4,
    20,
  ],
  ['{{ $body.items[9] }}', 'Index Error', 'Can only range over an array', 4, 18],
  [
    '{{ 1 && true }}',
    'Type Error',
    "Couldn't match expected type 'Boolean' with actual type 'Number'",
    4,
    13,
  ],
  ['{{ 1 || "a" }}', 'Type Error', "Couldn't match expected type 'Boolean' with actual type 'String'", 4, 12],
  [
    '{{ if 1 }} 1 {{ else }} 2 {{ end }}',
    'Type Error',
    "Couldn't match expected type 'Boolean' with actual type 'Number'",
    1,
    36,
  ],
  [
    '{{ if false }} 1 {{ elif 1 }} 2 {{ else }} 3 {{ end }}',
    'Type Error',
    "Couldn't match expected type 'Boolean' with actual type 'Number'",
    18,
    32,
  ],
  [
    '{{ range _, x := 1 }} x {{ end }}',
    'Type Error',
    "Couldn't match expected type 'Array' with actual type 'Number'",
    1,
    34,
  ],
  ['{{ null?[$nope] }}', 'Name Error', "Variable '$nope' not in scope", 10, 15],
  [
    '{{ $body.n?.x }}',
    'Type Error',
    "Couldn't match expected type 'Object' with actual type 'Number'",
    4,
    11,
  ],
  ['{{ head([]) }}', 'Function Error', 'Empty array', 9, 11],
  [
    '{{ toUpper(1) }}',
    'Function Error',
    'parsing String failed, expected String, but encountered Number',
    12,
    13,
  ],
  ['{{ not null }}', 'Function Error', 'parsing Bool failed, expected Boolean, but encountered Null', 8, 12],
  [
    '{{ concat(["a", [1]]) }}',
    'Function Error',
    'parsing Nested Object failed, expected Object, but encountered String',
    11,
    21,
  ],
  [
    '{{ fromPairs([[1, 2]]) }}',
    'Function Error',
    'parsing Key failed, expected String, but encountered Number',
    14,
    22,
  ],
  [
    '{{ fromPairs(1) }}',
    'Function Error',
    'parsing Nested Arrays failed, expected Array, but encountered Number',
    14,
    15,
  ],
])('%s fails', (template, code, message, from, to) => {
  const error = failure(template);
  expect(error.toJson()).toEqual({
    error_code: code,
    message,
    source_position: { start_line: 0, start_column: from, end_line: 0, end_column: to },
  });
});

test('places count lines from 0', () => {
  expect(failure('{\n  "a": {{ $body.x }}\n}').span).toEqual({
    startLine: 1,
    startColumn: 11,
    endLine: 1,
    endColumn: 18,
  });
});

test('deep nesting and multiplying ranges have an end', () => {
  expect(failure('['.repeat(100_000)).code).toBe('Parse Error');
  expect(failure(`${'('.repeat(10_000)}1`).code).toBe('Parse Error');
  const list = `[${Array(200).fill(0).join(',')}]`;
  const nested = `{{ range _, a := ${list} }} {{ range _, b := ${list} }} {{ range _, c := ${list} }} 1 {{ end }} {{ end }} {{ end }}`;
  expect(failure(nested).message).toBe('The template takes more than 1000000 steps');
  const large = `"${'x'.repeat(1_000_000)}"`;
  const repeated = `{{ range _, a := ${list} }} $body.large {{ end }}`;
  const scope = {
    variables: new Map([['$body', parseJson(`{"large": ${large}}`)]]),
    functions: basicFunctions,
  };
  for (const template of [
    repeated,
    `"{{ ${repeated} }}"`,
    `{{ range _, a := ${list} }} "{{ $body.large }}" {{ end }}`,
  ]) {
    expect(() => evaluateTemplate(parseTemplate(template), scope)).toThrow(
      'The template gives more than 33554432 characters',
    );
  }
});

test('any text is a template or an error of one', () => {
  const words = [
    '{{',
    '}}',
    '"',
    "'",
    '$body',
    '.items',
    '[',
    ']',
    '0',
    'if',
    'else',
    'end',
    'range',
    '_',
    'i',
    ',',
    ':=',
    '(',
    ')',
    'size',
    '==',
    '&&',
    '?',
    '??',
    ' ',
    '{',
    '}',
    ':',
    '\\',
    '#',
    '\n',
    'null',
    'not',
  ];
  const texts = fc.oneof(
    fc.string(),
    fc.array(fc.constantFrom(...words)).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(texts, (text) => {
      try {
        run(text);
      } catch (error) {
        expect(error).toBeInstanceOf(TemplateError);
      }
    }),
    { numRuns: 2000 },
  );
});

function failure(template: string): TemplateError {
  try {
    run(template);
  } catch (error) {
    if (error instanceof TemplateError) return error;
    throw error;
  }
  throw new Error(`${template} does not fail`);
}
