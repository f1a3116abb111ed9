import type { Metadata } from '../metadata/index.ts';
import type { Model, RemoteConflict, RemoteSchema } from '../model/index.ts';
import { findRemoteConflicts, type SchemaFeatures } from '../schema/index.ts';

export interface ConflictInput {
  readonly metadata: Metadata;
  readonly model: Model;
  readonly candidates: readonly RemoteSchema[];
  readonly features: SchemaFeatures;
}

type Conflicts = ReadonlyMap<string, RemoteConflict>;

/**
 * Remote schemas that are in the way of something else. That takes all types of the administrator's schema, so that what was found for the model before
 * the change is taken over while nothing has changed that has names.
 */
export function remoteConflicts(input: ConflictInput, previous: Model | null): Conflicts {
  if (input.candidates.length === 0) return none;
  const named = whatHasNames(input);
  const before = previous === null ? undefined : found.get(previous);
  const isSame =
    before?.named.length === named.length && before.named.every((part, index) => part === named[index]);
  const conflicts =
    before !== undefined && isSame
      ? before.conflicts
      : findRemoteConflicts(input.model, input.candidates, input.features);
  found.set(input.model, { named, conflicts });
  return conflicts;
}

/** Permissions are not among it: the administrator has none. */
function whatHasNames({ metadata, model, candidates }: ConflictInput): readonly unknown[] {
  return [
    metadata.actions,
    metadata.custom_types,
    ...metadata.sources.map(({ functions }) => functions),
    ...[...model.sources.values()].flatMap(({ name, tables, nativeQueries, naming }) => [
      name,
      tables,
      nativeQueries,
      naming,
    ]),
    ...candidates.flatMap(({ name, typeSystem, naming }) => [name, typeSystem, naming]),
  ];
}

const none: Conflicts = new Map();
const found = new WeakMap<Model, { readonly named: readonly unknown[]; readonly conflicts: Conflicts }>();
