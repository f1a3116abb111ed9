import { type Json, type JsonObject, Path, RequestError, unreachable } from '../support/index.ts';
import { expectMember, expectObject, failMismatch, integer, Place, text } from './codec/index.ts';
import type { BulkCommand, Command, CommandDefinition } from './commands/command.ts';
import { failing } from './commands/runtime-commands.ts';
import { mayChangeSchema } from './commands/runtime-requests.ts';
import { globalScoped, legacy, query, sourceScoped } from './commands/table.ts';

/** Which of the three endpoints a command came to: `/v1/metadata`, `/v1/query`, `/v2/query`. */
export type CommandEndpoint = 'metadata' | 'v1-query' | 'v2-query';

export interface ParsedRequest {
  readonly command: Command;
  /** The version that the client expects the stored metadata to have; null when it does not say. */
  readonly expectedVersion: number | null;
}

/**
 * Reads a request to the metadata API. Who may send it is asked afterwards: see `isAdminOnly` of the command.
 * Source: spec/metadata-api.md 1, 5.1.
 * @throws RequestError `parse-failed`
 */
export function parseRequest(body: Json, endpoint: CommandEndpoint): ParsedRequest {
  const place = new Place();
  const given = expectObject(wholeNames[endpoint], body, place);
  const version = given['resource_version'] ?? null;
  return {
    command: parse(given, { endpoint, place, path: Path.root }),
    expectedVersion: version === null ? null : integer.decode(version, place.child('resource_version')),
  };
}

/** How errors call what is no object. */
const wholeNames: Readonly<Record<CommandEndpoint, string>> = {
  metadata: 'RQLMetadata',
  'v1-query': 'Object',
  'v2-query': 'RQLQuery',
};

/** The same for an item of several commands. */
const itemNames: Readonly<Record<CommandEndpoint, string>> = {
  ...wholeNames,
  metadata: 'RQLMetadataRequest',
};

/** The command of a request. @throws RequestError `parse-failed` */
export function parseCommand(body: Json, endpoint: CommandEndpoint): Command {
  return parseRequest(body, endpoint).command;
}

interface Position {
  readonly endpoint: CommandEndpoint;
  /** Where the command stands, for errors of its shape. */
  readonly place: Place;
  /** The same for errors of execution. */
  readonly path: Path;
}

function parse(given: JsonObject, position: Position): Command {
  const { endpoint, place } = position;
  // the commands of `/v2/query` have no versions
  const version = endpoint === 'v2-query' ? 1 : decodeVersion(given['version'] ?? 1, place.child('version'));
  const type = text.decode(expectMember(given, 'type', place), place.child('type'));
  const mode = bulkMode(type, endpoint);
  if (mode !== null) return parseBulk(type, mode, expectMember(given, 'args', place), position);

  const found = findDefinition(type, position);
  const { definition } = found;
  const args = definition.needsArguments ? expectMember(given, 'args', place) : (given['args'] ?? {});
  const invocation = {
    place: argumentsPlace(position),
    path: argumentsPath(position),
    sourceKind: found.sourceKind,
    version,
  };
  if (!supportedKinds.has(found.sourceKind)) {
    return failing(definition.name, invocation, {
      code: 'not-supported',
      message: `sources of kind "${found.sourceKind}" are not supported`,
    });
  }
  const isWrapped = endpoint === 'metadata' && definition.scope === 'source';
  const command = isWrapped
    ? wrapParseErrors(definition.name, () => definition.bind(args, invocation))
    : definition.bind(args, invocation);
  return endpoint === 'v1-query' ? command : { ...command, isAdminOnly: true };
}

function decodeVersion(value: Json, place: Place): 1 | 2 {
  const version = integer.decode(value, place);
  return version === 1 || version === 2 ? version : place.fail(`expected 1 or 2, encountered ${version}`);
}

/** The arguments of `/v1/query` count as the request itself in the paths of shape errors … */
function argumentsPlace({ endpoint, place }: Position): Place {
  return endpoint === 'v1-query' ? place : place.child('args');
}

/** … and those of `/v2/query` in the paths of errors of execution. */
function argumentsPath({ endpoint, path }: Position): Path {
  return endpoint === 'v2-query' ? path : path.child('args');
}

// ---- names --------------------------------------------------------------------------------------------------------------------------

const kindByPrefix: Readonly<Record<string, string>> = {
  pg: 'postgres',
  postgres: 'postgres',
  citus: 'citus',
  cockroach: 'cockroach',
  mssql: 'mssql',
  bigquery: 'bigquery',
  dataconnector: 'dataconnector',
};

const supportedKinds: ReadonlySet<string> = new Set(['postgres', 'citus', 'cockroach']);

interface Found {
  readonly definition: CommandDefinition;
  readonly sourceKind: string;
}

function findDefinition(type: string, { endpoint, place }: Position): Found {
  if (endpoint === 'metadata') return findMetadataDefinition(type, place);
  const sqlKind = /^([a-z]+)_run_sql$/.exec(type)?.[1];
  const definition =
    sqlKind !== undefined && Object.hasOwn(kindByPrefix, sqlKind)
      ? query.get('run_sql')
      : (endpoint === 'v1-query' ? legacy : query).get(type);
  if (definition === undefined) return place.fail(`Unrecognised RQLQuery type: ${type}`);
  return {
    definition,
    sourceKind: sqlKind === undefined ? 'postgres' : (kindByPrefix[sqlKind] ?? 'postgres'),
  };
}

function findMetadataDefinition(type: string, place: Place): Found {
  const global = globalScoped.get(type);
  if (global !== undefined) return { definition: global, sourceKind: 'postgres' };
  const end = type.indexOf('_');
  const prefix = end < 0 ? type : type.slice(0, end);
  const name = end < 0 ? '' : type.slice(end + 1);
  if (!Object.hasOwn(kindByPrefix, prefix)) {
    return place.fail(
      `unknown metadata command "${type}"; "${prefix}" was not recognized as a valid backend name`,
    );
  }
  const sourceKind = kindByPrefix[prefix] ?? 'postgres';
  const definition = sourceScoped.get(name);
  if (definition === undefined) {
    return place.fail(`unknown metadata command "${name}" for backend ${sourceKind}`);
  }
  return { definition, sourceKind };
}

function wrapParseErrors<T>(name: string, bind: () => T): T {
  try {
    return bind();
  } catch (error) {
    if (!(error instanceof RequestError) || error.code !== 'parse-failed') throw error;
    throw new RequestError(
      'parse-failed',
      error.path,
      `Error when parsing command ${name}.\nSee our documentation at https://hasura.io/docs/latest/graphql/core/api-reference/metadata-api/index.html#metadata-apis.\nInternal error message: ${error.message}`,
    );
  }
}

// ---- several commands ---------------------------------------------------------------------------------------------------------------

type BulkMode = BulkCommand['mode'];

function bulkMode(type: string, endpoint: CommandEndpoint): BulkMode | null {
  switch (type) {
    case 'bulk':
      return 'stop';
    case 'bulk_keep_going':
      return endpoint === 'metadata' ? 'keep-going' : null;
    case 'bulk_atomic':
      return endpoint === 'metadata' ? 'atomic' : null;
    case 'concurrent_bulk':
      return endpoint === 'v2-query' ? 'concurrent' : null;
    default:
      return null;
  }
}

function parseBulk(name: string, mode: BulkMode, args: Json, position: Position): Command {
  const place = argumentsPlace(position);
  const path = argumentsPath(position);
  if (!Array.isArray(args)) return failMismatch('[]', 'Array', args, place);
  const commands = args.map((item: Json, index) => {
    const at = place.child(index);
    const itemPosition = { ...position, place: at, path: itemPath(mode, index, position) };
    return parse(expectObject(itemNames[position.endpoint], item, at), itemPosition);
  });
  if (mode === 'concurrent' && commands.some(changesSchema)) {
    return failing(
      name,
      { path },
      {
        code: 'unexpected',
        message: 'Only read-only queries are allowed in a concurrent_bulk',
        status: 500,
      },
    );
  }
  return {
    kind: 'bulk',
    name,
    path,
    mode,
    commands,
    isReadOnly: commands.every((command) => command.isReadOnly),
    isAdminOnly: position.endpoint !== 'v1-query' || commands.some((command) => command.isAdminOnly),
  };
}

/** Where errors of execution of an item begin. Only `bulk` tells which item it was; a failure that is passed over knows nothing of the others. */
function itemPath(mode: BulkMode, index: number, position: Position): Path {
  switch (mode) {
    case 'stop':
      return argumentsPath(position).child(index);
    case 'concurrent':
      return argumentsPath(position);
    case 'keep-going':
      return Path.root;
    case 'atomic':
      return position.path;
    default:
      return unreachable(mode);
  }
}

/** Whether the metadata is to follow the command, which it can do for one command at a time. */
function changesSchema(command: Command): boolean {
  if (command.kind === 'bulk') return command.commands.some(changesSchema);
  return command.kind === 'runtime' && command.request.type === 'run_sql' && mayChangeSchema(command.request);
}
