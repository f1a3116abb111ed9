import type { Database, Reader } from '../database/index.ts';
import type { Metadata, MetadataStorage } from '../metadata/index.ts';
import type { Model } from '../model/index.ts';
import type { Json } from '../support/index.ts';
import { createWebhookClient, type WebhookClient } from '../webhooks/index.ts';
import { assembleModel } from './assemble-model.ts';
import { Draft, type EngineState, type Registries } from './draft.ts';
import type { IntrospectionStore } from './introspection-store.ts';
import { metadataInForce } from './metadata-in-force.ts';
import { type KnownServices, RemoteServiceRegistry, withAnswers } from './remote-services.ts';
import { SerialQueue } from './serial-queue.ts';
import { ServiceRecovery } from './service-recovery.ts';
import { SourceRecovery, unreadDatabases } from './source-recovery.ts';
import { type ConnectedSources, SourceRegistry } from './source-registry.ts';
import type { RuntimeLogEntry, RuntimeOptions } from './types.ts';

/** The state in force, with what is derived from it for requests. */
export interface StateInForce extends EngineState {
  readonly databases: ReadonlyMap<string, Database>;
  readonly readers: ReadonlyMap<string, Reader>;
}

export interface StateKeeperOptions {
  readonly runtime: RuntimeOptions;
  readonly storage: MetadataStorage;
  readonly introspections: IntrospectionStore;
  /** Told of every state as soon as it is in force; `metadata` is its document over the operator's defaults. */
  readonly onState: (state: StateInForce, metadata: Metadata) => void;
  /** Told what another engine says to all. */
  readonly onMessage: (text: string) => void;
  /** Told that messages of other engines may have been lost. */
  readonly onGap: () => void;
}

/**
 * Owns what is in force, and all that replaces it without a command: loads what is stored, follows what other replicas store, and asks again what did not
 * answer. States are swapped as a whole, one at a time.
 */
export class StateKeeper {
  /** Calls other services, with the certificates that the metadata in force allows. */
  readonly webhooks: WebhookClient;
  readonly #options: RuntimeOptions;
  readonly #storage: MetadataStorage;
  readonly #introspections: IntrospectionStore;
  readonly #onState: StateKeeperOptions['onState'];
  readonly #onMessage: StateKeeperOptions['onMessage'];
  readonly #onGap: StateKeeperOptions['onGap'];
  readonly #registries: Registries;
  readonly #changes = new SerialQueue();
  readonly #sourceRecovery: SourceRecovery;
  readonly #serviceRecovery: ServiceRecovery;
  #stopWatching: (() => Promise<void>) | null = null;
  /** Set by `load`, before anybody has the runtime. */
  #state!: StateInForce;
  #isClosing = false;
  /** Of the document in force, or of the first one while it is being loaded. */
  #network: Metadata['network'];

  constructor({ runtime, storage, introspections, onState, onMessage, onGap }: StateKeeperOptions) {
    this.#options = runtime;
    this.#storage = storage;
    this.#introspections = introspections;
    this.#onState = onState;
    this.#onMessage = onMessage;
    this.#onGap = onGap;
    this.webhooks = createWebhookClient({
      allowsAddress: runtime.allowsAddress,
      tlsAllowlist: () => this.#network?.tls_allowlist ?? [],
    });
    this.#registries = {
      sources: new SourceRegistry(runtime),
      services: new RemoteServiceRegistry({
        client: this.webhooks,
        runtime,
        stored: introspections.stored,
      }),
    };
    this.#sourceRecovery = new SourceRecovery({
      sources: () => this.#state.sources,
      onAnswer: () => this.#changes.run(() => this.#readFailedSources()),
      onError: (error) => this.#log('error', 'a source could not be read again', { error: String(error) }),
    });
    this.#serviceRecovery = new ServiceRecovery({
      isNeeded: () => failedServices(this.#state.services).size > 0,
      ask: () => {
        const failed = failedServices(this.#state.services);
        return this.#askAgain((name) => failed.has(name));
      },
      onError: (error) => this.#reportRemoteSchemas('remote schemas could not be asked again', error),
    });
  }

  get state(): StateInForce {
    return this.#state;
  }

  /** Puts in force what is stored. Rejects when that cannot be read. */
  async load(): Promise<void> {
    const { metadata, resourceVersion } = await this.#storage.read();
    await this.#load(metadata, resourceVersion);
  }

  /** From now on takes over what other replicas, and other processes of this one, store. */
  async follow(): Promise<void> {
    this.#options.peers?.answer('metadata-changed', () => this.#answerPeer());
    this.#stopWatching = await this.#storage.watch({
      intervalMs: this.#options.schemaSyncIntervalMs,
      onVersion: () => this.#catchUp(),
      onMessage: this.#onMessage,
      onGap: this.#onGap,
      onError: (error) => this.#cannotFollow(error),
    });
  }

  /** Nothing is followed or asked again any more. */
  async stop(): Promise<void> {
    this.#isClosing = true;
    this.#serviceRecovery.stop();
    await Promise.all([this.#stopWatching?.(), this.#sourceRecovery.stop()]);
  }

  /** Ends the connections to sources and other services. */
  async close(deadlineMs: number): Promise<void> {
    this.webhooks.close();
    await this.#registries.sources.close(deadlineMs);
  }

  /** Runs a change when it is its turn, on the newest state that another process of this instance may have stored. */
  inTurn<T>(change: () => Promise<T>): Promise<T> {
    return this.#changes.run(async () => {
      if (this.#options.peers !== undefined) await this.#readStored();
      return change();
    });
  }

  draft(): Draft {
    return new Draft(this.#state, this.#registries, this.#options);
  }

  putInForce(state: EngineState): void {
    this.#state = { ...state, databases: databasesOf(state.sources), readers: readersOf(state.sources) };
    const metadata = metadataInForce(state.metadata, this.#options);
    this.#network = metadata.network;
    this.#registries.sources.commit(state.sources);
    this.#sourceRecovery.sourcesChanged();
    this.#serviceRecovery.stateChanged();
    void this.#introspections
      .keep(state.services)
      .catch((error) => this.#reportRemoteSchemas('types of remote schemas could not be kept', error));
    this.#reportInconsistencies(state.model);
    this.#onState(this.#state, metadata);
  }

  /** Without the definitions, which may hold secrets. */
  #reportInconsistencies({ inconsistencies }: Model): void {
    if (inconsistencies.length === 0) return;
    const objects = inconsistencies.map(({ type, name, reason }) => ({ type, name, reason }));
    const detail = { message: 'Inconsistent Metadata!', info: { objects } };
    this.#options.log({ level: 'warn', type: 'metadata', detail });
  }

  /** Another replica has changed the metadata: read it and rebuild. */
  async #catchUp(): Promise<void> {
    const mustAsk = await this.#changes.run(() => this.#readStored());
    await this.#askAgain(mustAsk);
  }

  /** As `#catchUp`, for another process that waits: not for the remote schemas, which are asked afterwards. */
  async #answerPeer(): Promise<void> {
    const mustAsk = await this.#changes.run(() => this.#readStored());
    void this.#askAgain(mustAsk).catch((error: unknown) => this.#cannotFollow(error));
  }

  /**
   * Puts the stored metadata in force unless it is; to be run when it is its turn among the changes. Gives the remote schemas that other replicas have
   * asked again meanwhile.
   */
  async #readStored(): Promise<(remoteSchema: string) => boolean> {
    if (this.#isClosing) return () => false;
    // what was noticed may have been our own change, which was not in force then
    const { resourceVersion: known } = this.#state;
    if ((await this.#storage.readVersion()) === known) return () => false;
    const { metadata, resourceVersion } = await this.#storage.read();
    if (resourceVersion === known) return () => false;
    const askedAgain =
      this.#state.services.size === 0 ? [] : await this.#storage.readRereadRemoteSchemas(known);
    await this.#load(metadata, resourceVersion, this.#state.services);
    this.#log('info', 'metadata of another replica is in force', { resource_version: resourceVersion });
    return (name) => askedAgain === null || askedAgain.includes(name);
  }

  /** All sources are read; remote schemas are asked as far as they are not known. */
  async #load(metadata: Metadata, resourceVersion: number, known: KnownServices = new Map()): Promise<void> {
    this.#network = metadataInForce(metadata, this.#options).network;
    const [sources, services] = await Promise.all([
      this.#registries.sources.prepare(metadata, () => true),
      this.#registries.services.prepare(metadata, () => false, known),
    ]);
    try {
      const model = await assembleModel(metadata, { sources, services }, this.#options);
      this.putInForce({ metadata, resourceVersion, model, sources, services });
    } catch (error) {
      this.#registries.sources.discard(sources);
      throw error;
    }
  }

  /** Asks remote schemas again while requests and changes go on, and takes over what has changed. Nothing is stored: the metadata is the same. */
  async #askAgain(mustAsk: (name: string) => boolean): Promise<void> {
    const { metadata, services: before } = this.#state;
    if (this.#isClosing || before.size === 0) return;
    const asked = await this.#registries.services.prepare(metadata, mustAsk, before);
    await this.#changes.run(async () => {
      const { services: current, ...state } = this.#state;
      const services = withAnswers(current, { before, asked });
      if (this.#isClosing || !isChanged(current, services)) return;
      const model = await assembleModel(state.metadata, { sources: state.sources, services }, this.#options, {
        previous: state.model,
      });
      this.putInForce({ ...state, model, services });
    });
  }

  /** Sources that could not be read answer again. Nothing is stored: the metadata is the same. */
  async #readFailedSources(): Promise<void> {
    const { metadata, resourceVersion, model, sources, services } = this.#state;
    const failed = unreadDatabases(sources).length;
    if (this.#isClosing || failed === 0) return;
    const prepared = await this.#registries.sources.prepare(metadata, () => false);
    if (unreadDatabases(prepared).length === failed) return;
    const next = await assembleModel(metadata, { sources: prepared, services }, this.#options, {
      previous: model,
    });
    this.putInForce({ metadata, resourceVersion, model: next, sources: prepared, services });
    const recovered = [...prepared.values()].filter(
      ({ name, catalog }) => catalog !== null && sources.get(name)?.catalog === null,
    );
    this.#log('info', 'sources can be read again', { sources: recovered.map(({ name }) => name) });
  }

  #cannotFollow(error: unknown): void {
    this.#log('warn', 'changes of other replicas cannot be followed', { error: String(error) });
  }

  #reportRemoteSchemas(message: string, error: unknown): void {
    if (!this.#isClosing) this.#log('warn', message, { error: String(error) });
  }

  #log(level: RuntimeLogEntry['level'], message: string, detail: Readonly<Record<string, Json>>): void {
    this.#options.log({ level, type: 'schema-sync', detail: { message, ...detail } });
  }
}

/** Those that another question may mend. */
function failedServices(services: KnownServices): ReadonlySet<string> {
  const failed = [...services.values()].filter(({ error, endpoint }) => error !== null && endpoint !== null);
  return new Set(failed.map(({ name }) => name));
}

function isChanged(before: KnownServices, after: KnownServices): boolean {
  return [...after].some(([name, service]) => {
    const known = before.get(name);
    return known?.text !== service.text || known?.error?.message !== service.error?.message;
  });
}

/** By the names of the sources that are connected. */
export function databasesOf(sources: ConnectedSources): ReadonlyMap<string, Database> {
  const databases = new Map<string, Database>();
  for (const [name, { database }] of sources) if (database !== null) databases.set(name, database);
  return databases;
}

function readersOf(sources: ConnectedSources): ReadonlyMap<string, Reader> {
  const readers = new Map<string, Reader>();
  for (const [name, { reader }] of sources) if (reader !== null) readers.set(name, reader);
  return readers;
}
