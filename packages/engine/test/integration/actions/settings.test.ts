/** Settings of the engine that concern handlers. Source: spec/actions.md 7.2, 12. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ActionProject, actionProject } from './support.ts';

let actions: ActionProject;
let lines = '';

beforeAll(async () => {
  actions = await actionProject(
    { '/answer': () => ({ body: 'text' }) },
    {
      custom_types: { scalars: [{ name: 'Any' }] },
      actions: [
        {
          name: 'ask',
          definition: {
            type: 'query',
            output_type: 'Int',
            handler: '{{HANDLERS}}/answer',
            forward_client_headers: true,
            headers: [
              { name: 'x-own', value: 'configured' },
              { name: 'content-type', value: 'application/vnd.own+json' },
            ],
            request_transform: { version: 2, body: { action: 'transform', template: '{"short": true}' } },
            response_transform: { version: 2, body: { action: 'transform', template: '42' } },
          },
        },
      ],
    },
    {
      configuredHeaderPrecedence: true,
      enabledLogTypes: new Set(['action-handler-log']),
      writeLog: (text: string) => {
        lines += text;
      },
    },
  );
});
afterAll(() => actions?.close());

test('configured headers win over those of the client and the defaults', async () => {
  const headers = { 'x-own': "client's", 'x-other': 'o' };
  const response = await actions.api.request('/v1/graphql', { query: '{ ask }' }, { headers });
  expect(await response.json()).toEqual({ data: { ask: 42 } });
  expect(actions.handlers.requests.at(-1)?.headers).toMatchObject({
    'x-own': 'configured',
    'x-other': 'o',
    'content-type': 'application/vnd.own+json',
    'user-agent': expect.stringMatching(/^hasura-graphql-engine/),
  });
});

test('a call is logged with its sizes, and without the address', async () => {
  await actions.api.query('{ ask }');
  await expect.poll(() => lines).toContain('action-handler-log');
  const [line = ''] = lines.split('\n').filter((text) => text.includes('action-handler-log'));
  expect(JSON.parse(line)).toMatchObject({
    type: 'action-handler-log',
    level: 'info',
    detail: {
      action_name: 'ask',
      action_type: 'query',
      request: { method: 'POST', url: '{{HANDLERS}}/answer' },
      transformed_request_size: '{"short":true}'.length,
      response_size: 'text'.length,
    },
  });
  expect(line).not.toContain(actions.handlers.url);
});
