import type { Session } from '../authentication/index.ts';
import type { Connection, Database } from '../database/index.ts';
import {
  type EventTriggers,
  EventWorker,
  eventTriggersOf,
  installTriggers,
  LogCleaner,
  removeEventCatalog,
  removeTriggers,
  runEventRequest,
  runnableEventTriggers,
} from '../event-triggers/index.ts';
import type { Slots } from '../events/index.ts';
import type { EventRequest, Metadata, SourceMetadata } from '../metadata/index.ts';
import { type Json, type Path, RequestError } from '../support/index.ts';
import type { WebhookClient } from '../webhooks/index.ts';
import { tableFinder } from './assemble-model.ts';
import { metadataInForce } from './metadata-in-force.ts';
import type { ConnectedSources } from './source-registry.ts';
import { goneOf, type SourceInForce, TriggerLeftovers } from './trigger-leftovers.ts';
import type { RuntimeOptions } from './types.ts';

export interface EventTriggerServiceOptions {
  readonly runtime: RuntimeOptions;
  readonly client: WebhookClient;
  /** That of the metadata. */
  readonly database: Database;
  /** How many events may be delivered at the same time, whoever they are of. */
  readonly slots: Slots;
}

/** Who asks, and with which headers, names and values in turn. */
export interface EventRequester {
  readonly session: Pick<Session, 'variables'>;
  readonly clientHeaders: readonly string[];
}

/** A document and the sources that were read for it. */
export interface TriggersPlace {
  readonly metadata: Metadata;
  readonly sources: ConnectedSources;
}

interface Running {
  readonly worker: EventWorker;
  readonly cleaner: LogCleaner;
  readonly database: Database;
  /** Lets the database close. */
  readonly release: () => void;
  triggers: EventTriggers;
}

/** A worker whose source goes away gets this long for what it delivers. */
const retirementMs = 5_000;
/** Schedules are of whole minutes. */
const cleanUpIntervalMs = 60_000;

/** Event triggers as the runtime needs them: what the databases hold for them, their commands, and who delivers their events. */
export class EventTriggerService {
  readonly #options: EventTriggerServiceOptions;
  /** By source. */
  readonly #running = new Map<string, Running>();
  readonly #retiring = new Set<Promise<void>>();
  #isStarted = false;
  #isStopped = false;
  #inForce: TriggersPlace | null = null;
  readonly #leftovers: TriggerLeftovers;

  constructor(options: EventTriggerServiceOptions) {
    this.#options = options;
    this.#leftovers = new TriggerLeftovers({
      database: options.database,
      sourcesInForce: () => this.#readableSources(),
      onError: (message, error) => this.#report(message, error),
    });
  }

  /**
   * Makes what the triggers of a document need. Only what is missing is made; `recreates` names sources where all is made anew.
   * Rejects with the error of a database.
   */
  async install(
    { metadata, sources }: TriggersPlace,
    recreates: (source: string) => boolean = () => false,
  ): Promise<void> {
    for (const source of this.#sourcesOf(metadata)) {
      const connected = sources.get(source.name);
      if (connected?.database == null || connected.catalog === null) continue;
      const { database, catalog } = connected;
      const triggers = eventTriggersOf(source);
      if (triggers.size === 0) continue;
      await this.#leftovers.forget(source);
      const options = { ...this.#values(), recreates: recreates(source.name) };
      await database.transaction({ isolation: 'read-committed' }, (connection) =>
        installTriggers(triggers, catalog, connection, options),
      );
    }
  }

  /** After SQL has changed a source: its triggers follow in the same transaction, or at once. */
  async follow(
    source: string,
    before: Metadata,
    { metadata, sources }: TriggersPlace,
    connection: Connection,
  ): Promise<void> {
    const [was, is] = [before, metadata].map((document) =>
      this.#sourcesOf(document).find(({ name }) => name === source),
    );
    const catalog = sources.get(source)?.catalog ?? null;
    await removeTriggers(goneOf(was, is === undefined ? [] : [is]), connection);
    if (is === undefined || catalog === null) return;
    await installTriggers(eventTriggersOf(is), catalog, connection, this.#values());
  }

  /**
   * Puts a document in force that is stored by now, and drops what the one before had and this one has no more. What cannot be dropped is reported, and tried
   * again: after a while, with the next change, and when an engine starts.
   * @param putInForce may close the databases of sources that are gone
   */
  async replace(before: TriggersPlace, after: TriggersPlace, putInForce: () => void): Promise<void> {
    const releases = [...before.sources.values()].flatMap(({ database }) => database?.hold() ?? []);
    try {
      putInForce();
      await this.#leftovers.settleOwed();
      await this.#removeGone(before, after);
    } finally {
      for (const release of releases) release();
    }
  }

  /** A change that had its triggers made could not be stored: they are as they were. Failures are only reported. */
  async restore(failed: TriggersPlace, { metadata, sources }: TriggersPlace): Promise<void> {
    try {
      const before = this.#sourcesOf(metadata);
      for (const source of this.#sourcesOf(failed.metadata)) {
        const kept = before.filter(({ name }) => name === source.name);
        const database = sources.get(source.name)?.database ?? null;
        if (kept.length === 0 || database === null) continue;
        await removeTriggers({ functions: goneOf(source, kept).functions, triggers: [] }, database);
      }
      await this.install({ metadata, sources });
    } catch (error) {
      this.#report('event triggers could not be set back', error);
    }
  }

  async #removeGone(before: TriggersPlace, after: TriggersPlace): Promise<void> {
    const current = this.#sourcesOf(after.metadata);
    for (const source of this.#sourcesOf(before.metadata)) {
      const connected = before.sources.get(source.name);
      if (connected?.database == null) continue;
      const { database, connectionKey } = connected;
      // a source that is called differently now, or declared twice, keeps its triggers
      const kept = current.filter(
        ({ name }) => name === source.name || after.sources.get(name)?.connectionKey === connectionKey,
      );
      const gone = goneOf(source, kept);
      try {
        await removeTriggers(gone, database);
        if (kept.length === 0) {
          await this.#leftovers.forgetSource(source.name);
          await Promise.all(this.#retiring);
          await removeEventCatalog(database);
        }
      } catch (error) {
        await this.#leftovers.owe(source.name, kept[0]?.name ?? null, gone, error);
      }
    }
  }

  /** Rejects with a RequestError, or the database's error. */
  async run(
    request: EventRequest,
    { metadata, sources }: TriggersPlace,
    { session, clientHeaders }: EventRequester,
    path: Path,
  ): Promise<Json> {
    const source = this.#sourcesOf(metadata).find(({ name }) => name === request.source);
    if (source === undefined) {
      throw new RequestError(
        'not-exists',
        path,
        request.kind === 'clean-up'
          ? `source with name ${request.source} does not exists`
          : `source with name "${request.source}" does not exist`,
      );
    }
    const database = sources.get(source.name)?.database ?? null;
    if (database === null) {
      throw new RequestError('unexpected', path, `source with name "${source.name}" is inconsistent`);
    }
    const triggers = eventTriggersOf(source);
    return runEventRequest(request, {
      database,
      triggers,
      sessionVariables: session.variables,
      clientHeaders,
      path,
    });
  }

  /** From now on events are delivered. */
  start(): void {
    this.#isStarted = true;
    this.#adjust();
    if (!this.#options.runtime.isMaintenanceMode) this.#leftovers.start();
  }

  /**
   * True: a source with triggers can be read that could not be before, so that what they need is to be looked for.
   * @param place that is in force
   */
  putInForce(place: TriggersPlace): boolean {
    const before = this.#inForce;
    this.#inForce = place;
    this.#adjust();
    if (before === null) return false;
    return this.#sourcesOf(place.metadata).some(
      (source) =>
        isReadable(place, source.name) &&
        !isReadable(before, source.name) &&
        eventTriggersOf(source).size > 0,
    );
  }

  /** Waits for deliveries until the deadline; never rejects. */
  async stop(deadlineMs: number): Promise<void> {
    this.#isStopped = true;
    const workers = [...this.#running.values()];
    this.#running.clear();
    await Promise.all([
      this.#leftovers.stop(deadlineMs),
      ...this.#retiring,
      ...workers.map((running) => end(running, deadlineMs)),
    ]);
  }

  /** Starts a worker for each source with triggers, and ends those of sources that have none any more. */
  #adjust(): void {
    const place = this.#inForce;
    if (!this.#isStarted || this.#isStopped || place === null) return;
    const { environment } = this.#options.runtime;
    const wanted = new Set<string>();
    for (const source of this.#sourcesOf(place.metadata)) {
      const database = place.sources.get(source.name)?.database ?? null;
      const triggers = runnableEventTriggers(source, tableFinder(place.sources), environment);
      if (database === null || triggers.size === 0) continue;
      wanted.add(source.name);
      const running = this.#running.get(source.name);
      if (running?.database === database) {
        running.triggers = triggers;
        continue;
      }
      if (running !== undefined) this.#retire(source.name, running);
      this.#begin(source.name, database, triggers);
    }
    for (const [name, running] of this.#running) if (!wanted.has(name)) this.#retire(name, running);
  }

  #begin(source: string, database: Database, triggers: EventTriggers): void {
    const { runtime, client, slots } = this.#options;
    const { environment, version, eventTriggers, observeEvents = null } = runtime;
    const worker = new EventWorker({
      source,
      database,
      services: { client, environment, version },
      slots,
      triggers: () => running.triggers,
      ...eventTriggers,
      observer: observeEvents,
      onAttempt: (isSuccess, detail) =>
        runtime.log({
          level: isSuccess || !runtime.logsTriggerFailuresAsErrors ? 'info' : 'error',
          type: 'event-trigger',
          detail,
        }),
      onError: (error) => this.#report(`events of the source "${source}" could not be worked off`, error),
    });
    const cleaner = new LogCleaner({
      database,
      triggers: () => running.triggers,
      intervalMs: cleanUpIntervalMs,
      onError: (error) =>
        this.#report(`the event log of the source "${source}" could not be cleaned up`, error),
    });
    const running: Running = { worker, cleaner, database, release: database.hold(), triggers };
    this.#running.set(source, running);
    worker.start();
    if (eventTriggers.intervalMs > 0) cleaner.start();
  }

  #retire(name: string, running: Running): void {
    this.#running.delete(name);
    const ended = end(running, retirementMs).finally(() => this.#retiring.delete(ended));
    this.#retiring.add(ended);
  }

  #readableSources(): ReadonlyMap<string, SourceInForce> {
    const place = this.#inForce;
    const declared = place === null ? [] : this.#sourcesOf(place.metadata);
    return new Map(
      declared.map((source) => [
        source.name,
        { source, database: place?.sources.get(source.name)?.database ?? null },
      ]),
    );
  }

  #sourcesOf(metadata: Metadata): readonly SourceMetadata[] {
    return metadataInForce(metadata, this.#options.runtime).sources;
  }

  #values(): { readonly stringifiesNumbers: boolean } {
    return { stringifiesNumbers: this.#options.runtime.stringifyNumericTypes };
  }

  #report(message: string, error: unknown): void {
    this.#options.runtime.log({
      level: 'error',
      type: 'event-trigger-process',
      detail: { message, error: String(error) },
    });
  }
}

function isReadable({ sources }: TriggersPlace, source: string): boolean {
  return sources.get(source)?.catalog != null;
}

async function end({ worker, cleaner, release }: Running, deadlineMs: number): Promise<void> {
  await Promise.all([worker.stop(deadlineMs), cleaner.stop(deadlineMs)]);
  release();
}
