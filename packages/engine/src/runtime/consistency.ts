import { type ConsistencyCheck, type Metadata, type MetadataObjectId, objectKey } from '../metadata/index.ts';
import { findRootFieldConflict, type Inconsistency, type Model } from '../model/index.ts';
import { type Json, type JsonObject, type Path, RequestError } from '../support/index.ts';
import { typeConflictsOf } from './type-conflicts.ts';

/** An entry of the list of inconsistent objects. Source: spec/metadata-api.md 4.1. */
export function inconsistencyJson({
  definition,
  reason,
  name,
  type,
  message,
  entity,
  conflicts,
}: Inconsistency): JsonObject {
  if (conflicts !== undefined) return { reason, conflicts };
  if (entity !== undefined) return { type, name, reason, entity };
  return { definition, reason, name, type, ...(message === undefined ? {} : { message }) };
}

export function inconsistenciesJson(model: Model): Json {
  return model.inconsistencies.map(inconsistencyJson);
}

/** What answers and health checks say. */
export function isConsistent(model: Model): boolean {
  return model.inconsistencies.length === 0;
}

/** Conflicts of inherited roles are told, but stand in the way of nothing and cannot be dropped. */
export function isBlocking(inconsistency: Inconsistency): boolean {
  return inconsistency.entity === undefined;
}

/** The objects at fault. */
export function objectsOf({ object, conflictingObjects = [] }: Inconsistency): readonly MetadataObjectId[] {
  return object === null ? conflictingObjects : [object];
}

/** The keys of all objects that do not fit. */
export function inconsistentObjects(model: Model): ReadonlySet<string> {
  const known = inconsistentByModel.get(model);
  if (known !== undefined) return known;
  const keys = new Set(model.inconsistencies.filter(isBlocking).flatMap(objectsOf).map(objectKey));
  inconsistentByModel.set(model, keys);
  return keys;
}

/** Each command of a bulk asks. */
const inconsistentByModel = new WeakMap<Model, ReadonlySet<string>>();

/** The inconsistencies of objects that `before` has none of, whatever is wrong with them now. */
export function newInconsistencies(before: Model, after: Model): readonly Inconsistency[] {
  if (after.inconsistencies.length === 0) return [];
  const known = inconsistentObjects(before);
  return after.inconsistencies.filter(
    (entry) => isBlocking(entry) && objectsOf(entry).some((object) => !known.has(objectKey(object))),
  );
}

/**
 * Refuses a step whose model does not fit. Source: spec/metadata-api.md 4.3.
 * @throws RequestError with the inconsistent objects as `internal`
 */
export function refuseInconsistency(
  check: ConsistencyCheck,
  {
    metadata,
    before,
    after,
    path,
  }: { readonly metadata: Metadata; readonly before: Model; readonly after: Model; readonly path: Path },
): void {
  if (check.kind === 'none') return;
  if (check.kind === 'replace') {
    // here conflicts of inherited roles stand in the way, too
    if (!check.allowsInconsistent && after.inconsistencies.length > 0) {
      refuse('cannot continue due to inconsistent metadata', after.inconsistencies, path);
    }
  } else {
    const added = newInconsistencies(before, after);
    if (check.kind === 'object') {
      const key = objectKey(check.object);
      const own = after.inconsistencies.filter(
        (entry) => entry.isConflict !== true && objectsOf(entry).some((object) => objectKey(object) === key),
      );
      if (own.length > 0) {
        const [{ error } = {}] = own;
        if (check.reportsCause === true && error !== undefined) throw atPath(error, path);
        const reasons = own.map(({ reason }) => reason).join(', ');
        throw new RequestError('invalid-configuration', path, reasons, {
          internal: own.map(inconsistencyJson),
        });
      }
      if (check.object.kind === 'table' && added.some(({ type }) => type === 'remote_schema')) {
        const { schema, name } = check.object.table;
        const node = schema === 'public' ? name : `${schema}_${name}`;
        throw new RequestError(
          'remote-schema-conflicts',
          path,
          `node ${node} already exists in current graphql schema`,
        );
      }
      if (added.length > 0) refuse('cannot continue due to new inconsistent metadata', added, path);
    } else if (added.length > 0) {
      refuse('cannot continue due to newly found inconsistent metadata', added, path, 500);
    }
  }
  const conflict = findRootFieldConflict(after, metadata, before);
  if (conflict !== null) throw conflict;
  const known = new Set(typeConflictsOf(before).map(({ name }) => name));
  const meeting = typeConflictsOf(after).find(({ name }) => !known.has(name));
  if (meeting !== undefined) throw new RequestError('unexpected', path, meeting.message, { status: 500 });
}

/** The same fault at another place. */
export function atPath(error: RequestError, path: Path): RequestError {
  const { code, message, status, internal } = error;
  return new RequestError(code, path, message, { status, internal, cause: error });
}

function refuse(message: string, entries: readonly Inconsistency[], path: Path, status = 400): never {
  throw new RequestError('unexpected', path, message, { status, internal: entries.map(inconsistencyJson) });
}
