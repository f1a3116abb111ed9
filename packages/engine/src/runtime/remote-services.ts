import { createHash } from 'node:crypto';
import type { Metadata, RemoteSchemaMetadata } from '../metadata/index.ts';
import type { RemoteService } from '../model/index.ts';
import {
  fetchTypeSystem,
  parseTypeSystem,
  type RemoteEndpoint,
  resolveEndpoint,
} from '../remote-schemas/index.ts';
import { RequestError } from '../support/index.ts';
import type { WebhookClient } from '../webhooks/index.ts';
import { metadataInForce } from './metadata-in-force.ts';
import type { RuntimeOptions } from './types.ts';

/** A remote schema as it was found when it was asked last. */
export interface KnownService extends RemoteService {
  readonly name: string;
  readonly definition: RemoteSchemaMetadata['definition'];
  /** Equal for services that would be asked the same way. */
  readonly key: string;
  /** What it answered to the introspection query; null beside a `typeSystem` that is null. */
  readonly text: string | null;
}

export type KnownServices = ReadonlyMap<string, KnownService>;

/** An answer of an earlier time, which serves when the service does not answer. */
export interface StoredIntrospection {
  readonly key: string;
  readonly text: string;
}

interface RegistryOptions {
  readonly client: WebhookClient;
  readonly runtime: Pick<RuntimeOptions, 'environment' | 'version' | 'metadataDefaults'>;
  readonly stored: ReadonlyMap<string, StoredIntrospection>;
}

/** Asks remote schemas for their types, all at the same time, and remembers what they said. */
export class RemoteServiceRegistry {
  readonly #client: WebhookClient;
  readonly #runtime: RegistryOptions['runtime'];
  readonly #stored: ReadonlyMap<string, StoredIntrospection>;

  constructor({ client, runtime, stored }: RegistryOptions) {
    this.#client = client;
    this.#runtime = runtime;
    this.#stored = stored;
  }

  /**
   * What a document's remote schemas are. One that is known is asked again only when `mustAsk` says so, its address or headers have changed, or it
   * was redefined after it could not be used.
   */
  async prepare(
    metadata: Metadata,
    mustAsk: (name: string) => boolean,
    known: KnownServices,
  ): Promise<KnownServices> {
    const services = await Promise.all(
      (metadataInForce(metadata, this.#runtime).remote_schemas ?? []).map((declared) =>
        this.#find(declared, known.get(declared.name), mustAsk(declared.name)),
      ),
    );
    return new Map(services.map((service) => [service.name, service]));
  }

  async #find(
    { name, definition }: RemoteSchemaMetadata,
    known: KnownService | undefined,
    mustAsk: boolean,
  ): Promise<KnownService> {
    let endpoint: RemoteEndpoint;
    try {
      endpoint = resolveEndpoint(definition, this.#runtime.environment);
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      return { name, definition, key: '', endpoint: null, text: null, typeSystem: null, error };
    }
    const key = keyOf(endpoint);
    const isSame = known?.key === key && (known.error === null || known.definition === definition);
    if (known !== undefined && isSame && !mustAsk) return { ...known, definition, endpoint };
    try {
      // whoever has an earlier answer does not keep a starting engine waiting
      const timeoutMs =
        known === undefined && this.#stored.get(name)?.key === key
          ? Math.min(endpoint.timeoutMs, longestWaitMs)
          : endpoint.timeoutMs;
      const fetched = await fetchTypeSystem(this.#client, { ...endpoint, timeoutMs }, this.#runtime);
      // what was made for the same types stays
      const { text } = fetched;
      const typeSystem =
        known?.text === text && known.typeSystem !== null ? known.typeSystem : fetched.typeSystem;
      return { name, definition, key, endpoint, text, typeSystem, error: null };
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      return { name, definition, key, endpoint, ...this.#earlier(name, key, known), error };
    }
  }

  #earlier(
    name: string,
    key: string,
    known: KnownService | undefined,
  ): Pick<KnownService, 'text' | 'typeSystem'> {
    if (known?.key === key && known.typeSystem !== null) {
      return { text: known.text, typeSystem: known.typeSystem };
    }
    const stored = this.#stored.get(name);
    if (stored?.key !== key) return { text: null, typeSystem: null };
    try {
      return { text: stored.text, typeSystem: parseTypeSystem(stored.text) };
    } catch (error) {
      if (error instanceof RequestError) return { text: null, typeSystem: null };
      throw error;
    }
  }
}

const longestWaitMs = 10_000;

/** A digest, because addresses and headers may hold secrets and keys are stored. */
function keyOf({ url, headers }: RemoteEndpoint): string {
  return createHash('sha256')
    .update(JSON.stringify([url, headers]))
    .digest('hex');
}

/**
 * Those of `services` with the answers to questions that began with `before`, as far as they are still declared in the same way and nobody has asked
 * them since.
 */
export function withAnswers(
  services: KnownServices,
  { before, asked }: { readonly before: KnownServices; readonly asked: KnownServices },
): KnownServices {
  return new Map(
    [...services].map(([name, service]) => {
      const [known, answer] = [before.get(name), asked.get(name)];
      const isSame = known?.typeSystem === service.typeSystem && known.error === service.error;
      const isNewer = answer !== undefined && answer.key === service.key && isSame;
      return [
        name,
        isNewer ? { ...answer, definition: service.definition, endpoint: service.endpoint } : service,
      ];
    }),
  );
}
