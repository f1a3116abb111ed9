import { qualifiedKey } from '../catalog/index.ts';
import {
  type CommandOutcome,
  type Metadata,
  type MetadataCommand,
  objectKey,
  type SourceMetadata,
} from '../metadata/index.ts';
import { type Json, type JsonObject, Path, RequestError } from '../support/index.ts';
import {
  atPath,
  inconsistenciesJson,
  inconsistentObjects,
  isConsistent,
  newInconsistencies,
  refuseInconsistency,
} from './consistency.ts';
import type { Attempt, Draft, Rereading } from './draft.ts';

/** Sends a document to the metadata database ahead of the decision whether it is to be stored. */
export interface StoringAhead {
  /** Resolves when it is on its way; never rejects. */
  begin(metadata: Metadata): Promise<void>;
  takeBack(): void;
}

/**
 * Takes one pure command into the draft: computes the next document, builds its model, and refuses what does not fit.
 * @param storing is told of the document before the model is built, when nothing but the model can stand in its way
 * @throws RequestError; the draft is then as before
 */
export async function applyMetadataCommand(
  command: MetadataCommand,
  draft: Draft,
  {
    leaving,
    storing,
  }: { readonly leaving?: ReadonlySet<string> | undefined; readonly storing?: StoringAhead | null } = {},
): Promise<Json> {
  const outcome = applyTo(draft.metadata, command, draft, leaving);
  if (outcome.metadata === draft.metadata) return outcome.result;
  if (outcome.check.kind === 'none') {
    draft.replaceMetadata(outcome.metadata);
    return outcome.result;
  }
  const before = draft.model;
  const attempt = await attemptWithFreshCatalog(outcome, draft, storing ?? null);
  try {
    refuseUnusableService(outcome, attempt, command.path);
    refuseInconsistency(outcome.check, {
      metadata: outcome.metadata,
      before,
      after: attempt.model,
      path: command.path,
    });
  } catch (error) {
    draft.reject(attempt);
    throw error;
  }
  draft.accept(attempt);
  noteDropped(outcome, draft);
  return resultOf(outcome, attempt);
}

/**
 * Applies several pure commands and builds one model for all of them. False when something does not fit: then the draft is as before, and
 * applying them one by one tells which command is at fault.
 */
export async function tryTogether(
  commands: readonly MetadataCommand[],
  draft: Draft,
  leaving?: ReadonlySet<string>,
): Promise<readonly Json[] | null> {
  let metadata = draft.metadata;
  const results: Json[] = [];
  const outcomes: CommandOutcome[] = [];
  try {
    for (const command of commands) {
      const outcome = applyTo(metadata, command, draft, leaving);
      if (outcome.check.kind === 'replace') return null;
      metadata = outcome.metadata;
      results.push(outcome.result);
      outcomes.push(outcome);
    }
    if (metadata === draft.metadata) return results;
    const attempt = await draft.attempt(metadata, sourcesToReread(draft.metadata, metadata));
    try {
      const check = {
        metadata,
        before: draft.model,
        after: attempt.model,
        path: commands[0]?.path ?? Path.root,
      };
      refuseInconsistency({ kind: 'rest' }, check);
    } catch {
      draft.reject(attempt);
      return null;
    }
    draft.accept(attempt);
    for (const outcome of outcomes) noteDropped(outcome, draft);
    return results;
  } catch (error) {
    if (error instanceof RequestError) return null;
    throw error;
  }
}

function noteDropped({ forgetsCallsOf: action }: CommandOutcome, draft: Draft): void {
  if (action !== undefined) draft.droppedActions.add(action);
}

function applyTo(
  metadata: Metadata,
  command: MetadataCommand,
  draft: Draft,
  leaving?: ReadonlySet<string>,
): CommandOutcome {
  if (command.name === 'add_remote_schema_permissions' && !draft.options.remoteSchemaPermissions) {
    throw new RequestError(
      'constraint-violation',
      command.path,
      'remote schema permissions can only be added when remote schema permissions are enabled in the graphql-engine',
    );
  }
  return command.apply(metadata, commandContext(draft, leaving));
}

/** What a pure command may know beside the metadata. */
export function commandContext(
  draft: Draft,
  leaving?: ReadonlySet<string>,
): Parameters<MetadataCommand['apply']>[1] {
  return {
    catalog: draft.catalog,
    resourceVersion: draft.base.resourceVersion,
    inconsistent: inconsistentObjects(draft.model),
    ...(leaving === undefined ? {} : { leaving }),
  };
}

/** A remote schema that is added or changed has to answer now, and one that is permitted must have answered. Source: spec/remote-schemas.md 2.2. */
function refuseUnusableService({ check }: CommandOutcome, { services }: Attempt, path: Path): void {
  if (check.kind !== 'object') return;
  const { object } = check;
  if (object.kind !== 'remote-schema' && object.kind !== 'remote-schema-permission') return;
  const service = services.get(object.name);
  if (service === undefined || service.error === null) return;
  // a permission can be held against the types of before
  if (object.kind === 'remote-schema' || service.typeSystem === null) throw atPath(service.error, path);
}

/**
 * The catalogue in memory may be older than the database: it is read again when the command tracks something, and when what it finds in memory
 * does not fit.
 */
async function attemptWithFreshCatalog(
  { metadata, check }: CommandOutcome,
  draft: Draft,
  storing: StoringAhead | null,
): Promise<Attempt> {
  const rereading: Rereading = check.kind === 'replace' ? 'all' : sourcesToReread(draft.metadata, metadata);
  // what must ask others may take long, and other replicas could store nothing meanwhile
  const asksNobody = rereading !== 'all' && rereading.size === 0 && connectsAlike(draft, metadata);
  if (asksNobody) await storing?.begin(metadata);
  const first = await draft.attempt(metadata, rereading);
  const fits =
    newInconsistencies(draft.model, first.model).length === 0 &&
    !(check.kind === 'object' && inconsistentObjects(first.model).has(objectKey(check.object)));
  if (rereading === 'all' || fits) return first;
  storing?.takeBack();
  draft.reject(first);
  // what remote schemas have just said is not asked for once more
  return draft.attempt(metadata, 'all', 'none', first.services);
}

/** Whether all sources were read, and no source and no remote schema is there, or reached, in another way than before. */
function connectsAlike({ metadata: before, sources }: Draft, after: Metadata): boolean {
  return (
    [...sources.values()].every(({ catalog }) => catalog !== null) &&
    before.remote_schemas === after.remote_schemas &&
    before.network === after.network &&
    before.sources.length === after.sources.length &&
    after.sources.every(({ name, kind, configuration }, index) => {
      const known = before.sources[index];
      return known?.name === name && known.kind === kind && known.configuration === configuration;
    })
  );
}

/** Sources in which a table or function is tracked, or an enum declared, that was not. */
function sourcesToReread(before: Metadata, after: Metadata): ReadonlySet<string> {
  const previous = new Map(before.sources.map((source) => [source.name, source]));
  const changed = new Set<string>();
  for (const source of after.sources) {
    const old = previous.get(source.name);
    if (old === source) continue;
    if (old === undefined || namesNew(old, source)) changed.add(source.name);
  }
  return changed;
}

function namesNew(before: SourceMetadata, after: SourceMetadata): boolean {
  const [was, is] = [new Set(before.tables), new Set(after.tables)];
  // of thousands of tables hardly any has changed
  const gone = { ...before, tables: before.tables.filter((table) => !is.has(table)) };
  const come = { ...after, tables: after.tables.filter((table) => !was.has(table)) };
  const replaced = new Set(databaseObjects(gone));
  const named = databaseObjects(come).filter((key) => !replaced.has(key));
  if (named.length === 0) return false;
  const known = new Set(databaseObjects(before));
  return named.some((key) => !known.has(key));
}

function databaseObjects({ tables, functions = [] }: SourceMetadata): readonly string[] {
  return [
    ...tables.map(
      ({ table, is_enum: isEnum }) => `${isEnum === true ? 'enum' : 'table'} ${qualifiedKey(table)}`,
    ),
    ...functions.map(({ function: name }) => `function ${qualifiedKey(name)}`),
    ...tables.flatMap(({ computed_fields: fields = [] }) =>
      fields.map(({ definition }) => `function ${qualifiedKey(definition.function)}`),
    ),
  ];
}

function resultOf({ check, result }: CommandOutcome, { model }: Attempt): Json {
  if (check.kind !== 'replace' || !check.reports) return result;
  const report: JsonObject = {
    is_consistent: isConsistent(model),
    inconsistent_objects: inconsistenciesJson(model),
  };
  const warnings = (result as JsonObject)['warnings'];
  return warnings === undefined ? report : { ...report, warnings };
}
