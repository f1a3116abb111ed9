/** Where calls that metadata asks for may lead: docs/deployment.md, "Calls to other services". */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { parseAddressRule } from '../../src/network/index.ts';
import { type JsonLike, type Project, project } from '../support/project.ts';

let service: Server;
let port: number;
let called: string[];

beforeAll(async () => {
  service = createServer((request, response) => {
    called.push(request.url ?? '');
    request.resume();
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"word":"said"}');
  }).listen(0, '127.0.0.1');
  await once(service, 'listening');
  port = (service.address() as AddressInfo).port; // it listens on a port
});
afterAll(() => service.close());
beforeEach(() => {
  called = [];
});

/** Metadata that leads to the service in each way that roles can take. */
function open(rule: string, host: string): Promise<Project> {
  const url = (path: string) => `http://${host}:${port}/${path}`;
  const validate_input = { type: 'http', definition: { url: url('validate') } };
  const permission = { columns: ['id'], check: {}, validate_input };
  const metadata: { [key: string]: JsonLike } = {
    sources: [
      {
        name: 'default',
        kind: 'postgres',
        configuration: { connection_info: { database_url: { from_env: 'HASURA_GRAPHQL_DATABASE_URL' } } },
        tables: [{ table: 'notes', insert_permissions: [{ role: 'user', permission }] }],
      },
    ],
    actions: [
      {
        name: 'say',
        definition: {
          handler: url('say'),
          kind: 'synchronous',
          type: 'mutation',
          output_type: 'Said',
          arguments: [],
        },
        permissions: [{ role: 'user' }],
      },
    ],
    custom_types: { objects: [{ name: 'Said', fields: [{ name: 'word', type: 'String' }] }] },
  };
  return project({
    tables: 'create table notes (id int primary key)',
    metadata,
    engine: { callableAddresses: parseAddressRule(rule) },
  });
}

const insert = 'mutation { insert_notes(objects: [{id: 1}]) { affected_rows } }';
const say = 'mutation { say { word } }';

const addRemoteSchema = (api: Project, host: string) =>
  api.command('add_remote_schema', { name: 'r', definition: { url: `http://${host}:${port}/graphql` } });

test.each(['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]', '0x7f000001'])(
  'nothing at %s is called under the rule "not-local", and nothing is written',
  async (host) => {
    const api = await open('not-local', host);
    try {
      expect(await api.as('user').query(insert)).toMatchObject({
        errors: [{ message: 'http exception when validating input data' }],
      });
      expect(await api.as('user').query(say)).toMatchObject({
        errors: [{ message: 'http exception when calling webhook' }],
      });
      expect(await addRemoteSchema(api, host)).toMatchObject({ status: 400 });
      expect(await api.sql`select count(*)::int as rows from notes`).toEqual([{ rows: 0 }]);
      expect(called).toEqual([]);
    } finally {
      await api.close();
    }
  },
);

test('an address that is excepted is called', async () => {
  const api = await open('public,127.0.0.1', '127.0.0.1');
  try {
    expect(await api.as('user').query(insert)).toEqual({ data: { insert_notes: { affected_rows: 1 } } });
    expect(await api.as('user').query(say)).toEqual({ data: { say: { word: 'said' } } });
    // it is asked, though it is no GraphQL service
    expect(await addRemoteSchema(api, '127.0.0.1')).toMatchObject({ status: 400 });
    expect(called).toEqual(['/validate', '/say', '/graphql']);
  } finally {
    await api.close();
  }
});
