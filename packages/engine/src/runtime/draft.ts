import type { Catalog } from '../catalog/index.ts';
import type { Connection } from '../database/index.ts';
import type { CatalogFacts, Metadata } from '../metadata/index.ts';
import type { Model } from '../model/index.ts';
import { assembleModel } from './assemble-model.ts';
import { catalogFacts } from './catalog-facts.ts';
import type { KnownServices, RemoteServiceRegistry } from './remote-services.ts';
import type { ConnectedSources, SourceRegistry } from './source-registry.ts';
import type { RuntimeOptions } from './types.ts';

/** What is in force: the stored document, the model built from it, and the sources beneath. */
export interface EngineState {
  readonly metadata: Metadata;
  readonly resourceVersion: number;
  readonly model: Model;
  readonly sources: ConnectedSources;
  readonly services: KnownServices;
}

/** What connects to the world outside. */
export interface Registries {
  readonly sources: SourceRegistry;
  readonly services: RemoteServiceRegistry;
}

/** Which catalogues must be read again although their connections have not changed; likewise, which remote schemas must be asked again. */
export type Rereading = 'none' | 'all' | ReadonlySet<string>;

/**
 * A change on its way: a document, model and sources beside those in force. Nothing outside sees it until it is stored and put in force; a
 * failed step leaves the draft as it was before the step.
 */
export class Draft {
  readonly #registry: SourceRegistry;
  readonly #serviceRegistry: RemoteServiceRegistry;
  readonly #options: RuntimeOptions;
  readonly base: EngineState;
  #metadata: Metadata;
  #model: Model;
  #sources: ConnectedSources;
  #services: KnownServices;
  /** Sources that the metadata's change has made to be read again; other replicas are told. */
  readonly rereadSources = new Set<string>();
  /** Actions whose calls are forgotten once the draft is stored. */
  readonly droppedActions = new Set<string>();
  /** The same for remote schemas that were asked again. */
  readonly rereadRemoteSchemas = new Set<string>();

  constructor(base: EngineState, registries: Registries, options: RuntimeOptions) {
    this.base = base;
    this.#registry = registries.sources;
    this.#serviceRegistry = registries.services;
    this.#options = options;
    this.#metadata = base.metadata;
    this.#model = base.model;
    this.#sources = base.sources;
    this.#services = base.services;
  }

  get options(): RuntimeOptions {
    return this.#options;
  }

  get metadata(): Metadata {
    return this.#metadata;
  }

  get model(): Model {
    return this.#model;
  }

  get sources(): ConnectedSources {
    return this.#sources;
  }

  get services(): KnownServices {
    return this.#services;
  }

  get catalog(): CatalogFacts {
    return catalogFacts((source) => this.catalogOf(source));
  }

  catalogOf(source: string): Catalog | null {
    return this.#sources.get(source)?.catalog ?? null;
  }

  /** The step's model and sources, without taking them over. Sources that came with the step must be taken over or discarded. */
  async attempt(
    metadata: Metadata,
    rereading: Rereading,
    asking: Rereading = 'none',
    known: KnownServices = this.#services,
  ): Promise<Attempt> {
    const [sources, services] = await Promise.all([
      this.#registry.prepare(metadata, (name) => includes(rereading, name), this.#sources),
      this.#serviceRegistry.prepare(metadata, (name) => includes(asking, name), known),
    ]);
    try {
      const model = await assembleModel(metadata, { sources, services }, this.#options, {
        previous: this.#model,
      });
      return { metadata, sources, services, model, rereading, asking };
    } catch (error) {
      this.#registry.discard(sources, this.#sources);
      throw error;
    }
  }

  /** As `attempt`, over a catalogue that the caller has read, seeing the source through the caller's connection. */
  async attemptWith(
    metadata: Metadata,
    source: string,
    catalog: Catalog,
    connection: Connection,
  ): Promise<Attempt> {
    const sources = new Map(this.#sources);
    const connected = sources.get(source);
    if (connected !== undefined) sources.set(source, { ...connected, catalog, error: null });
    const services = this.#services;
    const model = await assembleModel(metadata, { sources, services }, this.#options, {
      previous: this.#model,
      within: { source, connection },
    });
    return { metadata, sources, services, model, rereading: new Set([source]), asking: 'none' };
  }

  accept({ metadata, sources, services, model, rereading, asking }: Attempt): void {
    this.#metadata = metadata;
    this.#sources = sources;
    this.#services = services;
    this.#model = model;
    for (const name of sources.keys()) if (includes(rereading, name)) this.rereadSources.add(name);
    for (const name of services.keys()) if (includes(asking, name)) this.rereadRemoteSchemas.add(name);
  }

  reject(attempt: Attempt): void {
    this.#registry.discard(attempt.sources, this.#sources);
  }

  /** The document changes, but nothing that the model depends on does. */
  replaceMetadata(metadata: Metadata): void {
    this.#metadata = metadata;
  }

  /** Forgets what the draft has connected beyond the state it began with. */
  discard(): void {
    this.#registry.discard(this.#sources, this.base.sources);
  }

  /** Back to an earlier state of this draft, for bulks that keep going. */
  snapshot(): () => void {
    const droppedActions = [...this.droppedActions];
    const [metadata, model, sources, services] = [this.#metadata, this.#model, this.#sources, this.#services];
    return () => {
      const dropped = this.#sources;
      this.#metadata = metadata;
      this.#model = model;
      this.#sources = sources;
      this.droppedActions.clear();
      for (const action of droppedActions) this.droppedActions.add(action);
      this.#services = services;
      if (dropped !== sources) this.#registry.discard(dropped, sources);
    };
  }
}

export interface Attempt {
  readonly metadata: Metadata;
  readonly sources: ConnectedSources;
  readonly services: KnownServices;
  readonly model: Model;
  readonly rereading: Rereading;
  readonly asking: Rereading;
}

function includes(rereading: Rereading, name: string): boolean {
  return rereading === 'all' || (rereading !== 'none' && rereading.has(name));
}
