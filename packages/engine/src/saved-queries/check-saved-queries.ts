import type { Metadata } from '../metadata/index.ts';
import type { Inconsistency, Model } from '../model/index.ts';
import type { RoleSchema } from '../schema/index.ts';
import { inconsistentCollections } from './check-collections.ts';
import { inconsistentEndpoints } from './rest/check-endpoints.ts';

/** Findings about a model's metadata, and what they depend on. */
interface Findings {
  readonly inconsistencies: readonly Inconsistency[];
  readonly declarations: readonly unknown[];
  /** All that the administrator's schema is made of: permissions are not among it. */
  readonly structure: readonly unknown[];
}

const findingsOf = new WeakMap<Model, Findings>();

/**
 * What does not fit among the query collections and REST endpoints. Those of the model before are taken over when neither the declarations nor
 * the tables, functions and native queries have changed since, so that permissions change without a look at the queries.
 * @param admin the administrator's schema of the model; asked for only when there are queries to check
 */
export function inconsistentSavedQueries(
  metadata: Metadata,
  model: Model,
  admin: () => RoleSchema,
  previous: Model | null,
): readonly Inconsistency[] {
  const declarations = [metadata.query_collections, metadata.rest_endpoints, metadata.allowlist];
  const structure = [
    ...[...model.sources.values()].flatMap(({ name, tables, nativeQueries }) => [
      name,
      tables,
      nativeQueries,
    ]),
    ...metadata.sources.map(({ functions }) => functions),
    metadata.actions,
    metadata.custom_types,
  ];
  const known = previous === null ? undefined : findingsOf.get(previous);
  const isCurrent =
    known !== undefined && areSame(known.declarations, declarations) && areSame(known.structure, structure);
  const inconsistencies = isCurrent
    ? known.inconsistencies
    : [...inconsistentCollections(metadata, once(admin)), ...inconsistentEndpoints(metadata)];
  findingsOf.set(model, { inconsistencies, declarations, structure });
  return inconsistencies;
}

function areSame(before: readonly unknown[], after: readonly unknown[]): boolean {
  return before.length === after.length && before.every((item, index) => item === after[index]);
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
