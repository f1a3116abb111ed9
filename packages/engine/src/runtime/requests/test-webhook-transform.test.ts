import { expect, test } from 'vitest';
import { type JsonObject, Path, RequestError } from '../../support/index.ts';
import { testWebhookTransform } from './test-webhook-transform.ts';

const sample = {
  webhook_url: 'http://localhost:1234',
  body: { hello: 'world' },
  request_transform: { version: 2 },
};

const run = (args: JsonObject) => testWebhookTransform({ ...sample, ...args }, Path.root.child('args'));

function failure(args: JsonObject): RequestError {
  try {
    run(args);
  } catch (error) {
    if (error instanceof RequestError) return error;
    throw error;
  }
  throw new Error('it does not fail');
}

test('without a transform the sample is shown, its URL in canonical form', () => {
  expect(run({})).toEqual({
    body: { hello: 'world' },
    headers: [],
    method: 'GET',
    webhook_url: 'http://localhost:1234/',
  });
});

test('the URL and the values of headers are filled from the sample’s variables', () => {
  const request = {
    webhook_url: 'http://{{HOST}}/a b',
    env: { HOST: 'h', TOKEN: 'tökén' },
    request_headers: [['Authorization', 'Bearer {{TOKEN}}']],
  };
  expect(run(request)).toMatchObject({
    webhook_url: 'http://h/a%20b',
    headers: [['authorization', 'Bearer tökén']],
  });
  expect(failure({ ...request, env: { HOST: 'h' } })).toMatchObject({
    code: 'not-found',
    message: expect.stringMatching(/^Missing Env Var: TOKEN\. For security reasons/),
  });
  expect(failure({ webhook_url: { from_env: 'HOST' } })).toMatchObject({
    code: 'not-found',
    message: 'Missing Env Var',
  });
});

test('what is no closed variable is text; nothing at all is no template', () => {
  expect(run({ webhook_url: 'http://h/{{HOST' })).toMatchObject({ webhook_url: 'http://h/%7B%7BHOST' });
  expect(failure({ webhook_url: '' })).toMatchObject({
    code: 'parse-failed',
    message: 'Invalid Url Template',
  });
});

test.each([
  ['nonsense', 'InvalidUrlException "nonsense" "Invalid URL"'],
  ['ftp://x/y', 'InvalidUrlException "ftp://x/y" "Invalid scheme"'],
])('a request that cannot be made: %s', (url, message) => {
  expect(failure({ webhook_url: url })).toMatchObject({
    code: 'validation-failed',
    message: 'request transform validation failed',
    internal: [{ error_code: 'Request Initialization Error', message }],
  });
});
