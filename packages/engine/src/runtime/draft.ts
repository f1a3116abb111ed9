import type { Catalog } from '../catalog/index.ts';
import type { Connection } from '../database/index.ts';
import type { CatalogFacts, Metadata } from '../metadata/index.ts';
import type { Model } from '../model/index.ts';
import { assembleModel } from './assemble-model.ts';
import { catalogFacts } from './catalog-facts.ts';
import type { ConnectedSources, SourceRegistry } from './source-registry.ts';
import type { RuntimeOptions } from './types.ts';

/** What is in force: the stored document, the model built from it, and the sources beneath. */
export interface EngineState {
  readonly metadata: Metadata;
  readonly resourceVersion: number;
  readonly model: Model;
  readonly sources: ConnectedSources;
}

/** Which catalogues must be read again although their connections have not changed. */
export type Rereading = 'none' | 'all' | ReadonlySet<string>;

/**
 * A change on its way: a document, model and sources beside those in force. Nothing outside sees it until it is stored and put in force; a
 * failed step leaves the draft as it was before the step.
 */
export class Draft {
  readonly #registry: SourceRegistry;
  readonly #options: RuntimeOptions;
  readonly base: EngineState;
  #metadata: Metadata;
  #model: Model;
  #sources: ConnectedSources;
  /** Sources that the metadata's change has made to be read again; other replicas are told. */
  readonly rereadSources = new Set<string>();

  constructor(base: EngineState, registry: SourceRegistry, options: RuntimeOptions) {
    this.base = base;
    this.#registry = registry;
    this.#options = options;
    this.#metadata = base.metadata;
    this.#model = base.model;
    this.#sources = base.sources;
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

  get catalog(): CatalogFacts {
    return catalogFacts((source) => this.catalogOf(source));
  }

  catalogOf(source: string): Catalog | null {
    return this.#sources.get(source)?.catalog ?? null;
  }

  /** The step's model and sources, without taking them over. Sources that came with the step must be taken over or discarded. */
  async attempt(metadata: Metadata, rereading: Rereading): Promise<Attempt> {
    const mustRead = (source: string) =>
      rereading === 'all' || (rereading !== 'none' && rereading.has(source));
    const sources = await this.#registry.prepare(metadata, mustRead, this.#sources);
    try {
      const model = await assembleModel(metadata, sources, this.#options, { previous: this.#model });
      return { metadata, sources, model, rereading };
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
    const model = await assembleModel(metadata, sources, this.#options, {
      previous: this.#model,
      within: { source, connection },
    });
    return { metadata, sources, model, rereading: new Set([source]) };
  }

  accept({ metadata, sources, model, rereading }: Attempt): void {
    this.#metadata = metadata;
    this.#sources = sources;
    this.#model = model;
    if (rereading !== 'none')
      for (const source of sources.keys())
        if (rereading === 'all' || rereading.has(source)) this.rereadSources.add(source);
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
    const [metadata, model, sources] = [this.#metadata, this.#model, this.#sources];
    return () => {
      const dropped = this.#sources;
      this.#metadata = metadata;
      this.#model = model;
      this.#sources = sources;
      if (dropped !== sources) this.#registry.discard(dropped, sources);
    };
  }
}

export interface Attempt {
  readonly metadata: Metadata;
  readonly sources: ConnectedSources;
  readonly model: Model;
  readonly rereading: Rereading;
}
