import { type Path, RequestError } from '../../support/index.ts';
import {
  boolean,
  type Codec,
  type Decoder,
  defaulted,
  json,
  jsonObject,
  list,
  nonEmptyText,
  nullable,
  object,
  oneOf,
  optional,
  required,
  text,
} from '../codec/index.ts';
import { qualifiedName } from '../names.ts';
import { source, table } from './arguments.ts';
import type { CommandDefinition, Invocation } from './command.ts';
import { type DataOperation, type DataRequest, dataRequests } from './data-requests.ts';
import { cleanUpRequest, type EventRequest, eventRequests } from './events.ts';
import type { RuntimeRequest, Selection } from './runtime-requests.ts';
import { type ScheduledEventRequest, scheduledEventRequests } from './scheduled-events.ts';

interface Options<A> {
  readonly name: string;
  readonly args: Decoder<A>;
  readonly scope?: 'source' | 'global';
  readonly needsArguments?: boolean;
  readonly isAdminOnly?: boolean;
  readonly isReadOnly: boolean | ((args: A) => boolean);
}

function runtimeCommand<A>(options: Options<A>, toRequest: (args: A) => RuntimeRequest): CommandDefinition {
  const { name } = options;
  return {
    name,
    scope: options.scope ?? 'global',
    needsArguments: options.needsArguments ?? true,
    bind(value, { place, path }) {
      const args = options.args.decode(value, place);
      const { isReadOnly } = options;
      return {
        kind: 'runtime',
        name,
        path,
        isReadOnly: typeof isReadOnly === 'boolean' ? isReadOnly : isReadOnly(args),
        isAdminOnly: options.isAdminOnly ?? true,
        request: toRequest(args),
      };
    },
  };
}

/** A command without arguments. */
function plain(
  type:
    | 'get_inconsistent_metadata'
    | 'drop_inconsistent_metadata'
    | 'get_catalog_state'
    | 'dump_internal_state'
    | 'list_source_kinds',
  isReadOnly = true,
): CommandDefinition {
  return runtimeCommand({ name: type, args: json, needsArguments: false, isReadOnly }, () => ({ type }));
}

const selection: Codec<Selection> = {
  decode: (value, place) => (typeof value === 'boolean' ? value : list(nonEmptyText).decode(value, place)),
  encode: (value) => (typeof value === 'boolean' ? value : [...value]),
};

const reload = runtimeCommand(
  {
    name: 'reload_metadata',
    args: object('ReloadMetadata', {
      reload_remote_schemas: defaulted(selection, true),
      reload_sources: defaulted(selection, true),
      recreate_event_triggers: defaulted(selection, false),
      reload_data_connectors: defaulted(selection, true),
    }),
    isReadOnly: false,
  },
  (args) => ({ type: 'reload_metadata', ...args }),
);

function remoteSchemaRequest(
  type: 'reload_remote_schema' | 'introspect_remote_schema',
  isReadOnly: boolean,
): CommandDefinition {
  const args = object('RemoteSchemaNameQuery', { name: required(nonEmptyText) });
  return runtimeCommand({ name: type, args, isReadOnly }, ({ name }) => ({ type, name }));
}

const setCatalogState = runtimeCommand(
  {
    name: 'set_catalog_state',
    args: object('SetCatalogState', {
      type: required(oneOf('type', ['cli', 'console'])),
      state: required(json),
    }),
    isReadOnly: true,
  },
  (args) => ({ type: 'set_catalog_state', state_type: args.type, state: args.state }),
);

const sourceTables = runtimeCommand(
  {
    name: 'get_source_tables',
    scope: 'source',
    args: object('GetSourceTables', { source }),
    isReadOnly: true,
  },
  (args) => ({ type: 'get_source_tables', ...args }),
);

const tableInfo = runtimeCommand(
  {
    name: 'get_table_info',
    scope: 'source',
    args: object('GetTableInfo', { source, table }),
    isReadOnly: true,
  },
  (args) => ({ type: 'get_table_info', ...args }),
);

const suggestions = runtimeCommand(
  {
    name: 'suggest_relationships',
    scope: 'source',
    args: object('SuggestRels', {
      source,
      tables: optional(list(qualifiedName), () => false),
      omit_tracked: defaulted(boolean, false),
    }),
    isReadOnly: true,
  },
  ({ tables = null, ...args }) => ({ type: 'suggest_relationships', ...args, tables }),
);

const runSqlArguments = object('RunSQL', {
  source,
  sql: required(text),
  cascade: defaulted(boolean, false),
  check_metadata_consistency: defaulted(nullable(boolean), null),
  read_only: defaulted(boolean, false),
  no_transaction: defaulted(boolean, false),
});

function runSql(name: string): CommandDefinition {
  return runtimeCommand({ name, args: runSqlArguments, isReadOnly: (args) => args.read_only }, (args) => ({
    type: 'run_sql',
    ...args,
  }));
}

/** The JSON language of `/v1/query` and `/v2/query`: it changes rows, never metadata. */
function data(operation: DataOperation): CommandDefinition {
  const args: Decoder<DataRequest> = dataRequests[operation];
  return runtimeCommand({ name: operation, args, isReadOnly: true, isAdminOnly: false }, (request) => ({
    type: 'data',
    request,
  }));
}

/** They change events, which are no part of the metadata. */
const scheduledEventCommands = Object.entries(scheduledEventRequests).map(([name, args]) =>
  runtimeCommand<ScheduledEventRequest>({ name, args, isReadOnly: true }, (request) => ({
    type: 'scheduled-events',
    request,
  })),
);

/** They change events, which are no part of the metadata. */
const eventCommands = [
  ...Object.entries(eventRequests).map(([name, args]) => eventCommand(name, args, 'source')),
  eventCommand('cleanup_event_trigger_logs', cleanUpRequest, 'global'),
];

function eventCommand(
  name: string,
  args: Decoder<EventRequest>,
  scope: 'source' | 'global',
): CommandDefinition {
  return runtimeCommand<EventRequest>({ name, args, scope, isReadOnly: true }, (request) => ({
    type: 'events',
    request,
  }));
}

/** Commands of other parts of the engine: their arguments are read there. */
function other(
  name: string,
  options: { readonly scope?: 'source'; readonly isReadOnly?: boolean } = {},
): CommandDefinition {
  return runtimeCommand(
    {
      name,
      args: jsonObject('Object'),
      scope: options.scope ?? 'global',
      needsArguments: false,
      isReadOnly: options.isReadOnly ?? true,
    },
    (args) => ({ type: 'other', name, args }),
  );
}

const ofSource = { scope: 'source' } as const;
const writes = { isReadOnly: false } as const;

export const runtimeCommands = [
  reload,
  plain('get_inconsistent_metadata'),
  plain('drop_inconsistent_metadata', false),
  plain('get_catalog_state'),
  setCatalogState,
  plain('dump_internal_state'),
  plain('list_source_kinds'),
  sourceTables,
  tableInfo,
  suggestions,
  remoteSchemaRequest('reload_remote_schema', false),
  remoteSchemaRequest('introspect_remote_schema', true),
  other('test_webhook_transform'),
  other('test_connection_template', ofSource),
  ...eventCommands,
  ...scheduledEventCommands,
  other('get_source_kind_capabilities'),
  other('dc_add_agent', writes),
  other('dc_delete_agent', writes),
];

/** Those that exist only where queries are run. */
export const queryCommands = [
  runSql('run_sql'),
  ...(['select', 'insert', 'update', 'delete', 'count'] as const).map(data),
];

/** A command that is known and cannot be done: it fails when it is run, after the question of who may run it. */
export function failing(
  name: string,
  { path }: Pick<Invocation, 'path'>,
  fault: {
    readonly code: 'not-supported' | 'unexpected';
    readonly message: string;
    readonly status?: number;
  },
): ReturnType<CommandDefinition['bind']> {
  return {
    kind: 'metadata',
    name,
    path,
    isReadOnly: false,
    isAdminOnly: true,
    apply() {
      throw failure(path, fault);
    },
  };
}

function failure(
  path: Path,
  {
    code,
    message,
    status = 400,
  }: { readonly code: 'not-supported' | 'unexpected'; readonly message: string; readonly status?: number },
): RequestError {
  return new RequestError(code, path, message, { status });
}
