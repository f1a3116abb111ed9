import { expect, test } from 'vitest';
import { type JsonObject, parseJson } from '../support/index.ts';
import {
  bodyText,
  readRequestTransform,
  readResponseTransform,
  TransformError,
  TransformShapeError,
  transformRequest,
  transformResponse,
} from './index.ts';

const body = parseJson('{"input":{"id":7,"name":"a b","none":null}}');
const sessionVariables = new Map([['x-hasura-user-id', '42']]);
const request = {
  method: 'POST',
  url: 'http://h/base?old=1',
  headers: [
    ['Content-Type', 'application/json'],
    ['X-A', '1'],
  ],
  body: { kind: 'json', value: body },
} as const;

function transformed(transform: JsonObject) {
  const made = transformRequest(readRequestTransform({ version: 2, ...transform }), request, {
    body,
    baseUrl: request.url,
    sessionVariables,
  });
  return { ...made, body: bodyText(made.body) };
}

test('what a transform does not name stays', () => {
  expect(transformed({ template_engine: 'Kriti' })).toEqual({ ...request, body: bodyText(request.body) });
});

test('method, address and headers', () => {
  const made = transformed({
    method: 'patch',
    url: 'http://h/users/{{$body.input.id}}?x={{$body.input.id}}',
    request_headers: {
      add_headers: { 'x-a': '{{ $session_variables["x-hasura-user-id"] }}é', b: 'x' },
      remove_headers: ['content-TYPE'],
    },
  });
  expect(made.method).toBe('PATCH');
  expect(made.url).toBe('http://h/users/7?x=7');
  expect(made.headers).toEqual([
    ['X-A', '1'],
    ['b', 'x'],
    ['x-a', '42Ã©'],
  ]);
});

test.each<[string, JsonObject, string]>([
  [
    'pairs',
    {
      query_params: {
        a: '{{$body.input.name}}',
        'k{{1}}': 'apple,banana,',
        flag: null,
        no: '{{$body.input.none}}',
      },
    },
    'http://h/base?a=a%20b&k1=apple%2Cbanana%2C&flag',
  ],
  ['one text', { query_params: 'tags=apple&tags=b+c&flag' }, 'http://h/base?tags=apple&tags=b%20c&flag'],
  ['with an address of its own', { url: '{{$base_url}}', query_params: { id: '1' } }, 'http://h/base?id=1'],
  ['an address without query', { url: 'http://h', query_params: { id: '1' } }, 'http://h?id=1'],
])('query parameters: %s', (_, transform, url) => {
  expect(transformed(transform).url).toBe(url);
});

test.each<[string, JsonObject, string | null]>([
  ['removed', { body: { action: 'remove' } }, null],
  [
    'transformed',
    { body: { action: 'transform', template: '{"id": {{$body.input.id}}, "n": "{{$body.input.name}}"}' } },
    '{"id":7,"n":"a b"}',
  ],
  [
    'a form',
    {
      body: {
        action: 'x_www_form_urlencoded',
        form_template: { b: '{{$body.input.name}}&', a: '{{1}}', no: '{{$body.input.none}}' },
      },
    },
    'a=1&b=a%20b%26',
  ],
  ['of version 1', { version: 1, body: '{{$body.input.id}}' }, '7'],
])('body %s', (_, transform, text) => {
  expect(transformed(transform).body).toBe(text);
});

test('all that fails is told at once', () => {
  const failing = {
    url: '{{$body.a}}',
    body: { action: 'transform', template: '$body.b' },
    request_headers: { add_headers: { c: '{{$body.c}}' } },
  };
  expect(errorsOf(() => transformed(failing))).toHaveLength(3);
  expect(errorsOf(() => transformed({ url: 'relative/{{1}}' }))).toEqual([
    { error_code: 'TransformationError', message: 'Invalid URL: relative/1', value: 'relative/1' },
  ]);
  expect(errorsOf(() => transformed({ url: 'http://h/{{$body.input.name}}' }))).toEqual([
    { error_code: 'TransformationError', message: 'Invalid URL: http://h/a b', value: 'http://h/a b' },
  ]);
  expect(transformed({ url: 'http://h/{{escapeUri($body.input.name)}}' }).url).toBe('http://h/a%20b');
  expect(errorsOf(() => readRequestTransform({ url: '{{', body: '[' }))).toHaveLength(2);
});

test.each<[string, JsonObject, readonly string[]]>([
  ['expected 1 or 2, encountered 3', { version: 3 }, ['version']],
  ['invalid transform action', { version: 2, body: { action: 'x' } }, ['body', 'action']],
  ['Invalid query parameter', { query_params: 1 }, ['query_params']],
  ['Invalid query parameter', { query_params: { a: 1 } }, ['query_params', 'a']],
])('%s', (message, transform, keys) => {
  expect(() => readRequestTransform(transform)).toThrow(TransformShapeError);
  expect(() => readRequestTransform(transform)).toThrow(expect.objectContaining({ message, keys }));
});

test('answers', () => {
  const run = (transform: JsonObject, received: string, status = 200) =>
    transformResponse(readResponseTransform({ version: 2, ...transform }), received, {
      body: parseJson(received),
      status,
      sessionVariables,
      request: { body, url: 'http://h/t?a=1' },
    });
  const template =
    '{{ if ($response.status == 200) }} $body.data {{ else }} {"message": $body.error} {{ end }}';
  expect(run({ body: { action: 'transform', template } }, '{"data":[1]}')).toBe('[1]');
  expect(run({ body: { action: 'transform', template } }, '{"error":"x"}', 400)).toBe('{"message":"x"}');
  expect(run({ body: { action: 'transform', template: '$request.body.body.input.id' } }, '{}')).toBe('7');
  expect(run({ body: { action: 'transform', template: '$request.url.query_params' } }, '{}')).toBe(
    '[["a","1"]]',
  );
  expect(run({ body: { action: 'remove' } }, '{}')).toBe('null');
  expect(run({}, '{ "a" : 1 }')).toBe('{ "a" : 1 }');
});

function errorsOf(action: () => unknown): readonly JsonObject[] {
  try {
    action();
  } catch (error) {
    if (error instanceof TransformError) return error.errors;
    throw error;
  }
  throw new Error('it does not fail');
}

test.each([
  ['{{ $session_variables.constructor }}', /'Object' has no attribute 'constructor'/],
  ['{{ $session_variables["__proto__"] }}', /'Object' has no attribute '__proto__'/],
])('what JavaScript’s objects have of themselves is no member: %s', (template, message) => {
  try {
    transformed({ body: { action: 'transform', template } });
    throw new Error('it does not fail');
  } catch (error) {
    if (!(error instanceof TransformError)) throw error;
    expect(error.errors[0]?.['message']).toMatch(message);
  }
});

test('… nor found where it is looked for', () => {
  const template = '[{{ $session_variables?.toString }}, {{ "toString" in $session_variables }}]';
  expect(transformed({ body: { action: 'transform', template } }).body).toBe('[null,false]');
});
