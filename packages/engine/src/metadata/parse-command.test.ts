import { expect, test } from 'vitest';
import { type Json, RequestError } from '../support/index.ts';
import { type CommandEndpoint, parseCommand, parseRequest } from './parse-command.ts';

function faultOf(body: Json, endpoint: CommandEndpoint): { path: string; error: string; code: string } {
  try {
    parseCommand(body, endpoint);
  } catch (error) {
    if (error instanceof RequestError) {
      return { path: error.path.toString(), error: error.message, code: error.code };
    }
    throw error;
  }
  throw new Error('no error');
}

const help =
  'See our documentation at https://hasura.io/docs/latest/graphql/core/api-reference/metadata-api/index.html#metadata-apis.\nInternal error message: ';

test.each<[CommandEndpoint, Json, string, string]>([
  [
    'v1-query',
    { type: 'select', args: { table: 't', columns: ['*'], where: 5 } },
    '$.where',
    'parsing boolean expression failed, expected Object, but encountered Number',
  ],
  ['v1-query', 'type: count', '$', 'parsing Object failed, expected Object, but encountered String'],
  ['v2-query', [], '$', 'parsing RQLQuery failed, expected Object, but encountered Array'],
  ['v2-query', { type: 'nope', args: {}, version: 7 }, '$', 'Unrecognised RQLQuery type: nope'],
  [
    'metadata',
    { type: 'bulk', args: [1] },
    '$.args[0]',
    'parsing RQLMetadataRequest failed, expected Object, but encountered Number',
  ],
  ['metadata', [], '$', 'parsing RQLMetadata failed, expected Object, but encountered Array'],
  ['metadata', { args: {} }, '$', "the key 'type' was not present"],
  ['metadata', { type: 'pg_track_table' }, '$', "the key 'args' was not present"],
  [
    'metadata',
    { type: 'pg_track_table', args: {} },
    '$.args',
    `Error when parsing command track_table.\n${help}the key 'table' was not present`,
  ],
  [
    'metadata',
    { type: 'rename_source', args: { name: 'a' } },
    '$.args',
    "the key 'new_name' was not present",
  ],
  [
    'metadata',
    { type: 'pg_create_select_permission', args: { table: 't', role: 'r', permission: { columns: '*' } } },
    '$.args.permission',
    `Error when parsing command create_select_permission.\n${help}the key 'filter' was not present`,
  ],
  [
    'metadata',
    {
      type: 'pg_create_select_permission',
      args: { table: 't', role: 'r', permission: { columns: '*', filter: null } },
    },
    '$.args.permission.filter',
    `Error when parsing command create_select_permission.\n${help}parsing boolean expression failed, expected Object, but encountered Null`,
  ],
  [
    'metadata',
    {
      type: 'pg_create_select_permission',
      args: { table: 't', role: 'r', permission: { columns: '*', filter: { _and: {} } } },
    },
    '$.args.permission.filter._and',
    `Error when parsing command create_select_permission.\n${help}parsing [] failed, expected Array, but encountered Object`,
  ],
  [
    'metadata',
    {
      type: 'pg_create_select_permission',
      args: { table: 't', role: 'r', permission: { columns: '*', filter: { $or: [{ a: null }, 1] } } },
    },
    '$.args.permission.filter["$or"][1]',
    `Error when parsing command create_select_permission.\n${help}parsing boolean expression failed, expected Object, but encountered Number`,
  ],
  [
    'metadata',
    {
      type: 'pg_create_select_permission',
      args: {
        table: 't',
        role: 'r',
        permission: { columns: '*', filter: { _not: { _exists: { _where: {} } } } },
      },
    },
    '$.args.permission.filter._not._exists',
    `Error when parsing command create_select_permission.\n${help}the key '_table' was not present`,
  ],
  [
    'metadata',
    { type: 'export_metadata', version: 3, args: {} },
    '$.version',
    'expected 1 or 2, encountered 3',
  ],
  [
    'metadata',
    { type: 'x_y', args: {} },
    '$',
    'unknown metadata command "x_y"; "x" was not recognized as a valid backend name',
  ],
  [
    'metadata',
    { type: 'track_table', args: {} },
    '$',
    'unknown metadata command "track_table"; "track" was not recognized as a valid backend name',
  ],
  ['metadata', { type: 'pg_foo', args: {} }, '$', 'unknown metadata command "foo" for backend postgres'],
  ['v2-query', { type: 'track_table', args: 't' }, '$', 'Unrecognised RQLQuery type: track_table'],
  [
    'v1-query',
    { type: 'create_object_relationship', args: { table: 't', name: '', using: {} } },
    '$.name',
    'empty string not allowed',
  ],
  [
    'metadata',
    { type: 'bulk', args: [{ type: 'clear_metadata' }, { type: 'drop_action', args: {} }] },
    '$.args[1].args',
    "the key 'name' was not present",
  ],
  [
    'metadata',
    {
      type: 'replace_metadata',
      args: { metadata: { version: 3, sources: [{ name: 'd', tables: [], configuration: {} }] } },
    },
    '$.args.metadata.sources[0].configuration',
    "the key 'connection_info' was not present",
  ],
  [
    'v1-query',
    { type: 'create_event_trigger', args: { name: 't1_1', table: 't' } },
    '$',
    'atleast one amongst insert/update/delete/enable_manual spec must be provided',
  ],
])('%s %j', (endpoint, body, path, error) => {
  expect(faultOf(body, endpoint)).toEqual({ path, error, code: 'parse-failed' });
});

test('errors of execution begin at the arguments, also inside bulks', () => {
  const command = parseCommand(
    { type: 'bulk', args: [{ type: 'bulk', args: [{ type: 'track_table', args: 'a' }] }] },
    'v1-query',
  );
  if (command.kind !== 'bulk') throw new Error(command.kind);
  const [inner] = command.commands;
  if (inner?.kind !== 'bulk') throw new Error('no bulk');
  expect(inner.commands.map(({ path, name }) => `${name} ${path.toString()}`)).toEqual([
    'track_table $.args[0].args[0].args',
  ]);
});

test('who may send it, and whether it writes', () => {
  const facts = (body: Json, endpoint: CommandEndpoint) => {
    const { isReadOnly, isAdminOnly } = parseCommand(body, endpoint);
    return { isReadOnly, isAdminOnly };
  };
  const select = { type: 'select', args: { table: 't', columns: ['*'] } };
  expect(facts(select, 'v1-query')).toEqual({ isReadOnly: true, isAdminOnly: false });
  expect(facts(select, 'v2-query')).toEqual({ isReadOnly: true, isAdminOnly: true });
  expect(facts({ type: 'bulk', args: [select] }, 'v1-query')).toEqual({
    isReadOnly: true,
    isAdminOnly: false,
  });
  expect(facts({ type: 'bulk', args: [select, { type: 'track_table', args: 't' }] }, 'v1-query')).toEqual({
    isReadOnly: false,
    isAdminOnly: true,
  });
  expect(facts({ type: 'export_metadata', args: {} }, 'metadata')).toEqual({
    isReadOnly: true,
    isAdminOnly: true,
  });
  expect(facts({ type: 'run_sql', args: { sql: '', read_only: true } }, 'v2-query').isReadOnly).toBe(true);
});

test('other databases are known by name and refused only when it comes to it', () => {
  const command = parseCommand({ type: 'mssql_add_source', args: {} }, 'metadata');
  if (command.kind !== 'metadata') throw new Error(command.kind);
  const context = { catalog: {} as never, resourceVersion: 1, inconsistent: new Set<string>() };
  expect(() => command.apply({ version: 3, sources: [] }, context)).toThrow(
    'sources of kind "mssql" are not supported',
  );
});

test('a concurrent bulk takes nothing that the metadata may have to follow', () => {
  const concurrently = (sql: string, more: object = {}) =>
    parseCommand(
      { type: 'concurrent_bulk', args: [{ type: 'run_sql', args: { sql, ...more } }] },
      'v2-query',
    );
  const command = concurrently('drop table t');
  if (command.kind !== 'metadata') throw new Error(command.kind);
  expect(() =>
    command.apply(
      { version: 3, sources: [] },
      { catalog: {} as never, resourceVersion: 1, inconsistent: new Set<string>() },
    ),
  ).toThrow('Only read-only queries are allowed in a concurrent_bulk');
  expect(concurrently('select 1').kind).toBe('bulk');
  expect(concurrently('drop table t', { read_only: true }).kind).toBe('bulk');
  expect(concurrently('select 1', { check_metadata_consistency: true }).kind).toBe('metadata');
});

test.each([
  ['metadata', 'pg_drop_source', '$.args', '$.args[1].args'],
  ['v1-query', 'run_sql', '$.args', '$.args[1].args'],
  ['v2-query', 'run_sql', '$', '$[1]'],
] as const)(
  'at %s errors of execution stand at the paths of the endpoint',
  (endpoint, type, alone, inBulk) => {
    const command = { type, args: { sql: '', name: 's' } };
    expect(`${parseCommand(command, endpoint).path}`).toBe(alone);
    const bulk = parseCommand({ type: 'bulk', args: [command, command] }, endpoint);
    if (bulk.kind !== 'bulk') throw new Error(bulk.kind);
    expect(`${bulk.commands[1]?.path}`).toBe(inBulk);
  },
);

test.each([
  ['metadata', 'pg_drop_source', '$.args', '$.args[0].args'],
  ['v1-query', 'run_sql', '$', '$[0]'],
  ['v2-query', 'run_sql', '$.args', '$.args[0].args'],
] as const)('at %s errors of shape stand at the paths of the endpoint', (endpoint, type, alone, inBulk) => {
  const command = { type, args: {} };
  expect(faultOf(command, endpoint).path).toBe(alone);
  expect(faultOf({ type: 'bulk', args: [command] }, endpoint).path).toBe(inBulk);
});

test('resource_version is read beside the command', () => {
  expect(
    parseRequest({ type: 'clear_metadata', args: {}, resource_version: 7 }, 'metadata').expectedVersion,
  ).toBe(7);
  expect(parseRequest({ type: 'clear_metadata', args: {} }, 'metadata').expectedVersion).toBeNull();
});

test('run_sql of other kinds goes to the same place', () => {
  const command = parseCommand({ type: 'pg_run_sql', args: { sql: 'x', source: 's' } }, 'v2-query');
  expect(command).toMatchObject({
    kind: 'runtime',
    name: 'run_sql',
    request: { type: 'run_sql', sql: 'x', source: 's', cascade: false, check_metadata_consistency: null },
  });
});
