import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { ProjectFolder, type ProjectServer, startProjectServer } from './support/project-server.ts';

let server: ProjectServer;
let project: ProjectFolder;

beforeAll(async () => {
  server = await startProjectServer();
  await server.database.sql('create table users (id serial primary key, name text not null, born date)');
});
beforeEach(async () => {
  await server.replace({
    version: 3,
    sources: [
      {
        name: 'default',
        kind: 'postgres',
        tables: [{ table: { schema: 'public', name: 'users' } }],
        configuration: { connection_info: { database_url: { from_env: 'HASURA_GRAPHQL_DATABASE_URL' } } },
      },
    ],
  });
  project = new ProjectFolder(server);
  await project.run('metadata', 'export');
});
afterEach(() => project.remove());
afterAll(() => server?.stop());

function create(name: string, sdl: string, ...more: string[]) {
  project.write('new.graphql', sdl);
  return project.run('actions', 'create', name, '--sdl-file', join(project.path, 'new.graphql'), ...more);
}

async function onServer(): Promise<unknown[]> {
  const metadata = (await server.api('export_metadata')) as {
    actions?: { name: string; definition: Record<string, unknown> }[];
  };
  return (metadata.actions ?? []).map(({ name, definition }) => [
    name,
    definition['type'],
    definition['kind'],
    definition['handler'],
    definition['output_type'],
  ]);
}

test('an action is added to both files and to the server; what was written there stays', async () => {
  project.write('metadata/actions.graphql', '# by hand\ntype Query { first(a: Int): Int }\n');
  project.write(
    'metadata/actions.yaml',
    'actions: [{ name: first, definition: { handler: "http://h/first" } }]\n',
  );
  expect((await project.run('metadata', 'apply')).status).toBe(0);
  const { status, log } = await create(
    'login',
    'type Mutation { login(name: String!): Token }\ntype Token { token: String! }',
  );
  expect([status, log.at(-1)]).toEqual([0, 'info: action created {"name":"login"}']);
  expect(project.read('metadata/actions.graphql')).toBe(`# by hand
type Query { first(a: Int): Int }

type Mutation {
  login(
    name: String!
  ): Token
}

type Token {
  token: String!
}

`);
  expect(project.read('metadata/actions.yaml')).toBe(`actions:
  - name: first
    definition:
      kind: ""
      handler: http://h/first
  - name: login
    definition:
      kind: synchronous
      handler: http://localhost:3000/login
custom_types:
  enums: []
  input_objects: []
  objects:
    - name: Token
  scalars: []
`);
  expect(await onServer()).toContainEqual([
    'login',
    'mutation',
    'synchronous',
    'http://localhost:3000/login',
    'Token',
  ]);
});

test('kind and address come from flags, or from config.yaml', async () => {
  await create('a', 'type Mutation { a: Int }', '--kind', 'asynchronous', '--webhook', 'https://h/x/');
  expect(await onServer()).toEqual([['a', 'mutation', 'asynchronous', 'https://h/x/a', 'Int']]);
  expect((await create('b', 'type Mutation { b: Int }', '--kind', 'slow')).log).toEqual([
    'fatal: the kind of an action is synchronous or asynchronous, not slow',
  ]);
});

test.each([
  [
    'b',
    'type Mutation { b: Thing } type Thing { a: Int }',
    'custom type Thing already exists in actions.graphql',
  ],
  ['a', 'type Mutation { a: Int }', 'action a already exists in actions.graphql'],
  ['b', 'type Query { b: Int a: Int }', 'action a already exists in actions.graphql'],
  ['b', 'type Thing2 { a: Int }', 'the definition has no action'],
  ['b', 'type Mutation {', 'the definition is not valid: Syntax Error'],
  ['b', 'interface I { a: Int }', 'Interface types are not supported'],
  ['a-b', '', 'is no name in GraphQL'],
])('create %s with %j: nothing is written', async (name, sdl, message) => {
  await create('a', 'type Mutation { a: Thing } type Thing { a: Int }');
  const before = project.files('metadata');
  const { status, log } = await create(name, sdl);
  expect([status, log.at(-1)]).toEqual([1, expect.stringContaining(message)]);
  expect(project.files('metadata')).toEqual(before);
});

test('files that are wrong are named', async () => {
  project.write('metadata/actions.graphql', 'type {');
  expect((await create('a', 'type Mutation { a: Int }')).log.at(-1)).toMatch(
    /fatal: the actions in .*metadata cannot be read: Syntax/,
  );
});

test('an action is derived from an operation: its variables, and what it selects', async () => {
  const operation =
    'mutation ($one: users_insert_input!, $all: [users_insert_input!], $n: Int = 1) { insert_users(objects: [$one]) { affected_rows returning { key: id, born } } }';
  expect((await project.run('actions', 'create', 'add', '--derive-from', operation)).status).toBe(0);
  expect(project.read('metadata/actions.graphql')).toBe(`type Mutation {
  add(
    one: Add_users_insert_input!
    all: [Add_users_insert_input!]
    n: Int
  ): AddOutput
}

input Add_users_insert_input {
  born: date
  id: Int
  name: String
}

type AddOutput_returning {
  key: Int!
  born: date
}

type AddOutput {
  affected_rows: Int!
  returning: [AddOutput_returning!]!
}

`);
  expect(await onServer()).toEqual([
    ['add', 'mutation', 'synchronous', 'http://localhost:3000/add', 'AddOutput'],
  ]);
});

test.each([
  ['query {', 'is no GraphQL'],
  ['query { users { id } x: users { id } }', 'with one field'],
  ['query { nothing { id } }', 'no field nothing in query_root'],
  ['query { users { nothing } }', 'no field nothing in users'],
  ['query ($a: Nothing) { users { id } }', 'the type of $a is not in the schema'],
  ['query { users { ...f } } fragment f on users { id }', 'one query or mutation is expected'],
  ['subscription { users { id } }', 'one query or mutation is expected'],
])('%s: no action is derived', async (operation, message) => {
  const { status, log } = await project.run('actions', 'create', 'x', '--derive-from', operation);
  expect([status, log.at(-1)]).toEqual([1, expect.stringContaining(message)]);
});

test('code for handlers: chosen once, written where there is none', async () => {
  await create(
    'ping',
    'type Query { ping(a: Int!, b: [Mood!]): [Pong!]! } enum Mood { GOOD BAD } type Pong { at: timestamptz }',
  );
  expect((await project.run('actions', 'codegen')).log.at(-1)).toContain('postern actions use-codegen');
  project.write('config.yaml', `${project.read('config.yaml')}# a comment\n`);
  const chosen = await project.run(
    'actions',
    'use-codegen',
    '--framework',
    'typescript-nodejs-express',
    '--output-dir',
    'src',
    '--with-starter-kit',
  );
  expect(chosen.status).toBe(0);
  expect(project.read('config.yaml')).toContain('# a comment');
  expect(Object.keys(project.files('typescript-nodejs-express'))).toEqual(['package.json', 'server.ts']);
  expect((await project.run('actions', 'codegen', 'ping')).status).toBe(0);
  expect(project.read('src/ping.ts')).toContain('const { a, b }: pingArguments = request.body.input;');
  expect(project.read('src/actionTypes.ts')).toContain(`export type pingArguments = {
  a: number;
  b?: Mood[] | null;
};`);
  project.write('src/ping.ts', 'mine');
  project.write('src/actionTypes.ts', 'old');
  expect((await project.run('actions', 'codegen')).log[0]).toContain('left alone');
  expect([project.read('src/ping.ts'), project.read('src/actionTypes.ts')]).toEqual([
    'mine',
    expect.stringContaining('export type timestamptz = unknown;'),
  ]);
  expect((await project.run('actions', 'codegen', 'pong')).log.at(-1)).toBe(
    'fatal: action pong is not present in actions.graphql',
  );
  expect((await create('pang', 'type Query { pang: Int }', '--with-codegen')).status).toBe(0);
  expect(readdirSync(join(project.path, 'src')).sort()).toEqual(['actionTypes.ts', 'pang.ts', 'ping.ts']);
});
