/** The role schemas in use, bounded: the least recently used one is made again when it is needed. */
import { LRUCache } from 'lru-cache';
import type { Model } from '../model/index.ts';
import type { SchemaApi, SchemaFeatures } from './context.ts';
import { createRoleSchema } from './role-schema.ts';
import type { RoleSchema } from './types.ts';

/** Entries; a process that serves more roles than this at a time makes schemas again and again. */
const defaultCapacity = 200;

export class RoleSchemaCache {
  readonly #features: SchemaFeatures;
  readonly #schemas: LRUCache<string, RoleSchema>;
  readonly #mayTypesOfTablesMeet: (model: Model) => boolean;
  #newestModel = -1;

  /** @param settings.mayTypesOfTablesMeet see `RoleSchemaOptions` */
  constructor(
    features: SchemaFeatures,
    settings: { readonly capacity?: number; readonly mayTypesOfTablesMeet?: (model: Model) => boolean } = {},
  ) {
    const { capacity = defaultCapacity, mayTypesOfTablesMeet = () => true } = settings;
    this.#features = features;
    this.#mayTypesOfTablesMeet = mayTypesOfTablesMeet;
    this.#schemas = new LRUCache({ max: capacity });
  }

  get(model: Model, role: string, usesBackendOnly: boolean, api: SchemaApi = 'graphql'): RoleSchema {
    if (model.id > this.#newestModel) {
      // Requests in flight keep the schema that they have; nobody asks for an older model's again.
      this.#schemas.clear();
      this.#newestModel = model.id;
    }
    const key = `${model.id} ${api} ${usesBackendOnly} ${role}`;
    const known = this.#schemas.get(key);
    if (known !== undefined) return known;
    const made = createRoleSchema(model, role, {
      usesBackendOnly,
      features: this.#features,
      api,
      mayTypesOfTablesMeet: this.#mayTypesOfTablesMeet(model),
    });
    this.#schemas.set(key, made);
    return made;
  }
}
