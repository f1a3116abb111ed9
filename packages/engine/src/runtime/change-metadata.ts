import type { Connection } from '../database/index.ts';
import {
  type Command,
  type Metadata,
  type MetadataStorage,
  mayChangeSchema,
  type PendingWrite,
  versionConflict,
  type WriteOptions,
} from '../metadata/index.ts';
import { followTriggerChange } from '../scheduled-triggers/index.ts';
import { type Json, unreachable } from '../support/index.ts';
import type { StoringAhead } from './apply-command.ts';
import { runCommand } from './command-runner.ts';
import type { CommandServices } from './command-services.ts';
import type { Draft, EngineState } from './draft.ts';
import type { EventTriggerService } from './event-trigger-service.ts';
import { metadataInForce } from './metadata-in-force.ts';
import { resolveConnection } from './resolve-connection.ts';
import { refuseInMaintenance } from './standstill.ts';
import type { StateKeeper } from './state-keeper.ts';
import type { RuntimeOptions } from './types.ts';

export interface ChangeContext {
  readonly keeper: StateKeeper;
  readonly storage: MetadataStorage;
  readonly options: RuntimeOptions;
  /** Makes and removes what databases hold for event triggers. */
  readonly events: Pick<EventTriggerService, 'install' | 'replace' | 'restore'>;
  /** Forgets the calls of asynchronous actions that are no more. Never rejects. */
  readonly forgetCalls: (actions: Iterable<string>) => Promise<void>;
}

/**
 * Runs a command that changes the metadata, or may: against a draft, which is stored with the expected version and then put in force. Nothing remains of one
 * that fails. The answer is given when all processes of this instance serve the change, so that whichever of them is asked next knows of it.
 * @param expectedVersion null: the one in force
 * @throws RequestError, or the error of the metadata database
 */
export async function changeMetadata(
  command: Command,
  services: CommandServices,
  expectedVersion: number | null,
  context: ChangeContext,
): Promise<Json> {
  const { keeper, options } = context;
  const before = keeper.state.resourceVersion;
  const result = await keeper.inTurn(() => change(command, services, expectedVersion, context));
  if (keeper.state.resourceVersion !== before) await options.peers?.ask('metadata-changed');
  return result;
}

async function change(
  command: Command,
  services: CommandServices,
  expectedVersion: number | null,
  context: ChangeContext,
): Promise<Json> {
  const { keeper, storage, options, events, forgetCalls } = context;
  const base = keeper.state;
  const draft = keeper.draft();
  const writeOptions = (metadata: Metadata): WriteOptions => ({
    expectedVersion: expectedVersion ?? base.resourceVersion,
    rereadSources: [...draft.rereadSources],
    rereadRemoteSchemas: [...draft.rereadRemoteSchemas],
    also: (connection) => followTriggers(base, { metadata }, connection, options),
  });
  const ahead = new DocumentAhead((metadata) => storage.begin(metadata, writeOptions(metadata)));
  const store = (within?: Connection): Promise<number> =>
    (within === undefined ? ahead.commit(draft.metadata) : null) ??
    storage.write(draft.metadata, {
      ...writeOptions(draft.metadata),
      ...(within === undefined ? {} : { within }),
    });
  const isUnchanged = () => draft.metadata === base.metadata && draft.model === base.model;
  const makesVersion = countsAsChange(command);
  const early: { version: number | null; isApart: boolean } = { version: null, isApart: false };
  const beforeCommit = async (source: string, connection: Connection): Promise<void> => {
    if (isUnchanged() && !makesVersion) return;
    refuseInMaintenance(options);
    early.isApart = !holdsMetadata(source, draft, options);
    early.version = await store(early.isApart ? undefined : connection);
  };
  let isInstalling = false;
  try {
    const storing = options.isMaintenanceMode ? null : ahead;
    const result = await runCommand(command, draft, { ...services, beforeCommit, storing });
    if (isUnchanged() && !makesVersion) {
      // SQL that leaves the schema alone is not stored, but still is for one version only
      const isMeant = expectedVersion === null || expectedVersion === base.resourceVersion;
      if (!isMeant) throw versionConflict(expectedVersion);
      return result;
    }
    refuseInMaintenance(options);
    isInstalling = true;
    await events.install(draft);
    const resourceVersion = early.version ?? (await store());
    storage.confirm(resourceVersion);
    await events.replace(base, draft, () =>
      keeper.putInForce({
        metadata: draft.metadata,
        resourceVersion,
        model: draft.model,
        sources: draft.sources,
        services: draft.services,
      }),
    );
    await forgetCalls(draft.droppedActions);
    return result;
  } catch (error) {
    ahead.takeBack();
    if (isInstalling && keeper.state === base) await events.restore(draft, base);
    draft.discard();
    if (early.version !== null && early.isApart) await takeBack(early.version, base, draft, context);
    throw error;
  }
}

/** The document of a change that is sent while its model is built. */
class DocumentAhead implements StoringAhead {
  readonly #begin: (metadata: Metadata) => PendingWrite;
  #sent: { readonly metadata: Metadata; readonly write: PendingWrite } | null = null;

  constructor(begin: (metadata: Metadata) => PendingWrite) {
    this.#begin = begin;
  }

  begin(metadata: Metadata): Promise<void> {
    this.takeBack();
    const write = this.#begin(metadata);
    this.#sent = { metadata, write };
    return write.isSent;
  }

  /** Null when it is not this document that was sent. */
  commit(metadata: Metadata): Promise<number> | null {
    if (this.#sent?.metadata !== metadata) {
      this.takeBack();
      return null;
    }
    const { write } = this.#sent;
    this.#sent = null;
    return write.commit();
  }

  /** Nobody waits for it: whoever writes next waits for the row. */
  takeBack(): void {
    this.#sent?.write.takeBack();
    this.#sent = null;
  }
}

/**
 * Whether the command makes a new version, also where it leaves everything as it was: a client that sees the number rise knows that its command was
 * taken. Source: spec/metadata-api.md 1.4.
 */
function countsAsChange(command: Command): boolean {
  switch (command.kind) {
    case 'bulk':
      return command.commands.some(countsAsChange);
    case 'runtime':
      return command.request.type === 'run_sql' ? mayChangeSchema(command.request) : !command.isReadOnly;
    case 'metadata':
    case 'table-batch':
      return !command.isReadOnly;
    default:
      return unreachable(command);
  }
}

/** Whether the source's database is the one that the metadata is stored in. */
function holdsMetadata(source: string, { metadata }: Draft, options: RuntimeOptions): boolean {
  const configuration = metadata.sources.find(({ name }) => name === source)?.configuration;
  const url = options.metadataDatabaseUrl ?? options.databaseUrl;
  return configuration !== undefined && resolveConnection(configuration.connection_info, options).url === url;
}

/** The events of cron triggers are what the new document says when it is stored. */
function followTriggers(
  before: Pick<EngineState, 'metadata'>,
  after: Pick<EngineState, 'metadata'>,
  connection: Connection,
  options: RuntimeOptions,
): Promise<void> {
  return followTriggerChange(
    metadataInForce(before.metadata, options),
    metadataInForce(after.metadata, options),
    connection,
  );
}

/** The source could not commit after the metadata had been stored in another database: that is stored as it was. */
async function takeBack(
  version: number,
  base: EngineState,
  draft: Draft,
  { keeper, storage, options }: ChangeContext,
): Promise<void> {
  const resourceVersion = await storage.write(base.metadata, {
    expectedVersion: version,
    also: (connection) => followTriggers(draft, base, connection, options),
  });
  keeper.putInForce({ ...base, resourceVersion });
}
