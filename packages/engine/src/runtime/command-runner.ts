import type {
  BulkCommand,
  Command,
  Metadata,
  MetadataCommand,
  RuntimeCommand,
  RuntimeRequest,
  TableBatchCommand,
} from '../metadata/index.ts';
import { displayName, objectKey, removeObjects } from '../metadata/index.ts';
import {
  InvariantError,
  type Json,
  type JsonObject,
  type Path,
  passedOnJson,
  RequestError,
  unreachable,
} from '../support/index.ts';
import { applyMetadataCommand, commandContext, tryTogether } from './apply-command.ts';
import {
  atPath,
  inconsistenciesJson,
  inconsistencyJson,
  isBlocking,
  isConsistent,
  newInconsistencies,
  objectsOf,
  refuseInconsistency,
} from './consistency.ts';
import type { Draft, Rereading } from './draft.ts';
import { sourceTables, suggestRelationships, tableInfo } from './requests/source-tables.ts';
import { testWebhookTransform } from './requests/test-webhook-transform.ts';
import type { CommandServices } from './command-services.ts';
import { runSql } from './run-sql.ts';

/**
 * Runs a command against a draft and gives its answer.
 * @throws RequestError; the caller then drops the draft
 */
export async function runCommand(command: Command, draft: Draft, services: CommandServices): Promise<Json> {
  switch (command.kind) {
    case 'metadata':
      return applyMetadataCommand(command, draft, { storing: services.storing });
    case 'runtime':
      return runRequest(command, draft, services);
    case 'bulk':
      return runBulk(command, draft, services);
    case 'table-batch':
      return runTableBatch(command, draft);
    default:
      return unreachable(command);
  }
}

async function runRequest(command: RuntimeCommand, draft: Draft, services: CommandServices): Promise<Json> {
  const { request, path } = command;
  switch (request.type) {
    case 'reload_metadata':
      return reloadMetadata(draft, request, services, path);
    case 'reload_remote_schema':
      return reloadRemoteSchema(draft, request.name, path);
    case 'introspect_remote_schema':
      return introspectRemoteSchema(draft, request.name, path);
    case 'get_inconsistent_metadata':
      return {
        is_consistent: isConsistent(draft.model),
        inconsistent_objects: inconsistenciesJson(draft.model),
      };
    case 'drop_inconsistent_metadata':
      return dropInconsistentMetadata(draft, path);
    case 'get_catalog_state':
      return services.catalogState.read();
    case 'set_catalog_state':
      await services.catalogState.write(request.state_type, request.state);
      return success;
    case 'dump_internal_state':
      return dumpInternalState(draft);
    case 'list_source_kinds':
      return { sources: sourceKinds(draft.metadata) };
    case 'get_source_tables':
      return sourceTables(draft, request.source, path);
    case 'get_table_info':
      return tableInfo(draft, request.source, request.table, path);
    case 'suggest_relationships':
      return suggestRelationships(draft, request, path);
    case 'run_sql':
      return runSql(request, draft, { ...services, path });
    case 'data':
      return services.runDataOperation(request.request, draft, path);
    case 'events':
      return services.events.run(request.request, draft, services, path);
    case 'scheduled-events':
      return services.runScheduledEvents(request.request, draft, path);
    case 'other':
      if (request.name === 'test_webhook_transform') return testWebhookTransform(request.args, path);
      if (services.other !== null) return services.other(command, draft, services.session);
      throw new RequestError(
        'not-supported',
        path,
        paidOnly.get(request.name) ?? `"${command.name}" is not supported by this version of the engine`,
      );
    default:
      return unreachable(request);
  }
}

const success: JsonObject = { message: 'success' };

/** How v2's open edition refuses what only the paid one does. Source: spec/metadata-api.md 3.1, 3.10. */
const paidOnly: ReadonlyMap<string, string> = new Map([
  ['test_connection_template', 'Connection templating feature is enterprise edition only'],
]);

/** Source: spec/metadata-api.md 3.7. */
async function reloadMetadata(
  draft: Draft,
  selected: Extract<RuntimeRequest, { readonly type: 'reload_metadata' }>,
  { events }: CommandServices,
  path: Path,
): Promise<Json> {
  const { sources, remote_schemas: services = [], backend_configs: backends = {} } = draft.metadata;
  refuseUnknown(selected.reload_remote_schemas, services, 'Remote schema', path);
  refuseUnknown(selected.reload_sources, sources, 'Source', path);
  refuseUnknown(selected.recreate_event_triggers, sources, 'Source', path);
  const connectors = Object.keys((backends['dataconnector'] ?? {}) as JsonObject).map((name) => ({ name }));
  refuseUnknown(selected.reload_data_connectors, connectors, 'Data connector', path);
  const [read, asked] = [rereadingOf(selected.reload_sources), rereadingOf(selected.reload_remote_schemas)];
  draft.accept(await draft.attempt(draft.metadata, read, asked));
  const recreated = selected.recreate_event_triggers;
  if (recreated !== false) {
    await events.install(draft, (source) => recreated === true || recreated.includes(source));
  }
  return isConsistent(draft.model)
    ? { message: 'success', is_consistent: true }
    : { message: 'success', is_consistent: false, inconsistent_objects: inconsistenciesJson(draft.model) };
}

type Selection = boolean | readonly string[];

function rereadingOf(selection: Selection): Rereading {
  return selection === true ? 'all' : selection === false ? 'none' : new Set(selection);
}

function refuseUnknown(
  selection: Selection,
  known: readonly { readonly name: string }[],
  what: string,
  path: Path,
): void {
  if (typeof selection === 'boolean') return;
  const missing = selection.find((name) => !known.some((item) => item.name === name));
  if (missing === undefined) return;
  throw new RequestError('not-exists', path, `${what} with name "${missing}" not found in metadata`);
}

/** Source: spec/remote-schemas.md 2. One that does not answer becomes inconsistent. */
async function reloadRemoteSchema(draft: Draft, name: string, path: Path): Promise<Json> {
  if (!draft.services.has(name)) {
    throw new RequestError('not-exists', path, `remote schema with name "${name}" does not exist`);
  }
  const { metadata, model: before } = draft;
  const attempt = await draft.attempt(metadata, 'none', new Set([name]));
  try {
    refuseInconsistency({ kind: 'rest' }, { metadata, before, after: attempt.model, path });
  } catch (error) {
    draft.reject(attempt);
    throw error;
  }
  draft.accept(attempt);
  return success;
}

/** The answer of the service as it came, not as it is shown to clients. */
function introspectRemoteSchema({ services }: Draft, name: string, path: Path): Json {
  const service = services.get(name);
  if (service === undefined) throw new RequestError('not-exists', path, `remote schema: "${name}" not found`);
  if (service.text !== null) return passedOnJson(service.text);
  throw service.error === null
    ? new InvariantError(`the remote schema "${name}" was not asked`)
    : atPath(service.error, path);
}

/**
 * Removes what does not fit, until all that is left does. What cannot be removed is not part of the stored document, but of the operator's defaults.
 * Source: spec/metadata-api.md 3.7.
 */
async function dropInconsistentMetadata(draft: Draft, path: Path): Promise<Json> {
  for (;;) {
    const objects = draft.model.inconsistencies.filter(isBlocking).flatMap(objectsOf);
    if (objects.length === 0) return success;
    const metadata = removeObjects(draft.metadata, objects);
    const attempt = await draft.attempt(metadata, 'none');
    const remaining = new Set(attempt.model.inconsistencies.flatMap(objectsOf).map(objectKey));
    draft.accept(attempt);
    if (objects.every((object) => remaining.has(objectKey(object)))) {
      throw new RequestError('unexpected', path, 'cannot continue due to new inconsistent metadata', {
        internal: inconsistenciesJson(draft.model),
      });
    }
  }
}

/** What the metadata can name as a source's kind, by the prefix of its commands; of other databases nothing is available. */
function sourceKinds({ backend_configs: backends = {} }: Metadata): readonly Json[] {
  const agents = Object.keys((backends['dataconnector'] ?? {}) as JsonObject);
  return [
    { kind: 'pg', builtin: true, available: true, display_name: 'pg' },
    ...agents.map((kind) => ({ kind, builtin: false, available: false, display_name: kind })),
  ];
}

function dumpInternalState({ model, sources }: Draft): Json {
  return {
    model: model.id,
    sources: [...model.sources.values()].map(({ name, tables, functions }) => ({
      name,
      tables: tables.size,
      functions: functions.size,
      server_version: sources.get(name)?.catalog?.serverVersion ?? null,
    })),
  };
}

/** Source: spec/metadata-api.md 1.5. */
async function runBulk(bulk: BulkCommand, draft: Draft, given: CommandServices): Promise<Json> {
  // the metadata is stored once, at the end; what statements have done by then stays
  const services = { ...given, beforeCommit: null, storing: null };
  switch (bulk.mode) {
    case 'stop':
      return runInOrder(bulk.commands, draft, services);
    case 'concurrent':
      return Promise.all(bulk.commands.map((command) => runCommand(command, draft, services)));
    case 'keep-going':
      return runKeepingGoing(bulk.commands, draft, services);
    case 'atomic':
      return runAtomically(bulk, draft);
    default:
      return unreachable(bulk.mode);
  }
}

/** Runs of pure commands share one model, unless something does not fit. */
async function runInOrder(
  commands: readonly Command[],
  draft: Draft,
  services: CommandServices,
): Promise<readonly Json[]> {
  const results: Json[] = [];
  while (results.length < commands.length) {
    const run = pureRun(commands, results.length);
    const together = run.length > 1 ? await tryTogether(run, draft) : null;
    if (together !== null) {
      results.push(...together);
      continue;
    }
    const end = results.length + Math.max(run.length, 1);
    while (results.length < end) {
      const command = commands[results.length];
      if (command === undefined) break;
      results.push(await runCommand(command, draft, services));
    }
  }
  return results;
}

function pureRun(commands: readonly Command[], from: number): readonly MetadataCommand[] {
  const run: MetadataCommand[] = [];
  for (const command of commands.slice(from)) {
    if (command.kind !== 'metadata') break;
    run.push(command);
  }
  return run;
}

async function runKeepingGoing(
  commands: readonly Command[],
  draft: Draft,
  services: CommandServices,
): Promise<readonly Json[]> {
  const results: Json[] = [];
  for (const command of commands) {
    const restore = draft.snapshot();
    try {
      results.push(await runCommand(command, draft, services));
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      restore();
      results.push(errorJson(error));
    }
  }
  return results;
}

async function runAtomically(bulk: BulkCommand, draft: Draft): Promise<Json> {
  const commands = bulk.commands.filter((command) => command.kind === 'metadata');
  if (commands.length < bulk.commands.length || !commands.every(({ name }) => atomicCommands.has(name))) {
    throw new RequestError('unexpected', bulk.path, 'Bulk atomic does not support this command', {
      status: 500,
    });
  }
  let metadata = draft.metadata;
  for (const command of commands) {
    metadata = command.apply(metadata, commandContext(draft)).metadata;
  }
  const attempt = await draft.attempt(metadata, 'all');
  const added = newInconsistencies(draft.model, attempt.model);
  if (added.length > 0) {
    draft.reject(attempt);
    // a list for each object at fault
    throw new RequestError('bad-request', bulk.path, 'Schema inconsistency', {
      internal: added.map((entry) => [inconsistencyJson(entry)]),
    });
  }
  draft.accept(attempt);
  return success;
}

const atomicCommands: ReadonlySet<string> = new Set([
  'create_object_relationship',
  'create_array_relationship',
  'drop_relationship',
  'delete_remote_relationship',
  'track_native_query',
  'untrack_native_query',
  'track_logical_model',
  'untrack_logical_model',
]);

/** `track_tables`, `untrack_tables`: failures become warnings. Source: spec/metadata-api.md 3.2. */
async function runTableBatch(batch: TableBatchCommand, draft: Draft): Promise<Json> {
  const restore = draft.snapshot();
  const leaving =
    batch.action === 'untrack' ? new Set(batch.items.map(({ object }) => objectKey(object))) : undefined;
  const commands = batch.items.map(({ command }) => command);
  const together = commands.length === 0 ? null : await tryTogether(commands, draft, leaving);
  if (together !== null) return success;
  const warnings: JsonObject[] = [];
  for (const { command, object } of batch.items) {
    try {
      await applyMetadataCommand(command, draft, { leaving });
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      const name =
        object.kind === 'table'
          ? `table ${displayName(object.table)} in source ${object.source}`
          : objectKey(object);
      warnings.push({ code: `${batch.action}-table-failed`, message: error.message, name, type: 'table' });
    }
  }
  if (warnings.length === batch.items.length) {
    throw new RequestError('invalid-configuration', batch.path, `all tables failed to ${batch.action}`, {
      internal: warnings,
    });
  }
  if (warnings.length === 0) return success;
  if (!batch.allowsWarnings) {
    restore();
    throw new RequestError('metadata-warnings', batch.path, 'failed due to metadata warnings', {
      internal: warnings,
    });
  }
  return { message: 'success', warnings };
}

function errorJson(error: RequestError): JsonObject {
  const internal = error.internal === undefined ? {} : { internal: error.internal as Json };
  return { error: error.message, path: error.path.toString(), code: error.code, ...internal };
}
