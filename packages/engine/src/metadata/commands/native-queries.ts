import { type Json, type Path, RequestError } from '../../support/index.ts';
import {
  compareText,
  defaulted,
  nonEmptyText,
  object,
  oneOf,
  type Place,
  required,
  sortedList,
} from '../codec/index.ts';
import { removeObjects } from '../dependencies/index.ts';
import { append, changeModelPermissions, findSource, inlineModelOf, updateSource } from '../edit.ts';
import { permissionEntry, selectPermission } from '../shapes/permission.ts';
import { logicalModel, nativeQuery } from '../shapes/source.ts';
import type { LogicalModelMetadata, Metadata, SourceMetadata } from '../types.ts';
import { name, source } from './arguments.ts';
import { outcome, outcomeOfDrop, outcomeWithCause, outcomeWithoutCheck, sourceCommand } from './command.ts';
import { dropObject } from './drop.ts';

const sourceArgument = object('WithSource', { source });

function requireSourceOfKind(metadata: Metadata, of: string, kind: string, path: Path): SourceMetadata {
  const found = findSource(metadata, of);
  if (found !== undefined && found.kind === kind) return found;
  throw new RequestError('not-found', path, `Source '${of}' of kind ${kind} not found.`);
}

// ---- native queries -----------------------------------------------------------------------------------------------------------------

const trackQuery = sourceCommand(
  {
    name: 'track_native_query',
    args: {
      decode: (value, place) => ({
        ...sourceArgument.decode(value, place),
        query: nativeQuery.decode(value, place),
      }),
    },
  },
  ({ source: of, query }, metadata, { path, sourceKind }) => {
    const found = requireSourceOfKind(metadata, of, sourceKind, path);
    const { root_field_name: called } = query;
    if ((found.native_queries ?? []).some((item) => item.root_field_name === called)) {
      throw new RequestError('already-tracked', path, `Native query '${called}' is already tracked.`);
    }
    const next = updateSource(metadata, of, (item) => ({
      ...item,
      native_queries: append(item.native_queries, query),
    }));
    return outcomeWithCause(next, { kind: 'native-query', source: of, name: called });
  },
);

const untrackQuery = sourceCommand(
  {
    name: 'untrack_native_query',
    args: object('UntrackNativeQuery', { source, root_field_name: required(nonEmptyText) }),
  },
  ({ source: of, root_field_name: called }, metadata, context) => {
    const found = requireSourceOfKind(metadata, of, context.sourceKind, context.path);
    if (!(found.native_queries ?? []).some((item) => item.root_field_name === called)) {
      throw new RequestError(
        'not-found',
        context.path,
        `Native query "${called}" not found in source "${of}".`,
      );
    }
    return outcomeOfDrop(
      dropObject(metadata, { kind: 'native-query', source: of, name: called }, false, context),
    );
  },
);

const getQueries = sourceCommand(
  { name: 'get_native_query', args: sourceArgument, isReadOnly: true },
  ({ source: of }, metadata, { path, sourceKind }) => {
    const found = requireSourceOfKind(metadata, of, sourceKind, path);
    const codec = sortedList(nativeQuery, (item) => item.root_field_name);
    return outcomeWithoutCheck(metadata, codec.encode(found.native_queries ?? []));
  },
);

// ---- logical models -----------------------------------------------------------------------------------------------------------------

const trackModel = sourceCommand(
  {
    name: 'track_logical_model',
    args: {
      decode: (value, place) => ({
        ...sourceArgument.decode(value, place),
        model: logicalModel.decode(value, place),
      }),
    },
  },
  ({ source: of, model }, metadata, { path, sourceKind }) => {
    const found = requireSourceOfKind(metadata, of, sourceKind, path);
    if (findModel(found, model.name) !== undefined) {
      throw new RequestError('already-tracked', path, `Logical model '${model.name}' is already tracked.`);
    }
    const next = updateSource(metadata, of, (item) => ({
      ...item,
      logical_models: append(item.logical_models, model),
    }));
    return outcome(next, { kind: 'logical-model', source: of, name: model.name });
  },
);

const untrackModel = sourceCommand(
  { name: 'untrack_logical_model', args: object('UntrackLogicalModel', { source, name }) },
  ({ source: of, name: called }, metadata, context) => {
    const found = requireSourceOfKind(metadata, of, context.sourceKind, context.path);
    requireModel(found, called, context.path);
    const user = (found.native_queries ?? []).find((query) => query.returns === called);
    if (user !== undefined) {
      throw new RequestError(
        'constraint-violation',
        context.path,
        `Logical model "${called}" still being used by native query "${user.root_field_name}".`,
      );
    }
    return outcomeOfDrop(
      dropObject(metadata, { kind: 'logical-model', source: of, name: called }, false, context),
    );
  },
);

const getModels = sourceCommand(
  { name: 'get_logical_model', args: sourceArgument, isReadOnly: true },
  ({ source: of }, metadata, { path, sourceKind }) => {
    const found = requireSourceOfKind(metadata, of, sourceKind, path);
    const models = [...(found.logical_models ?? [])].sort((a, b) => compareText(a.name, b.name));
    return outcomeWithoutCheck(
      metadata,
      models.map((model) => logicalModel.encode(model)),
    );
  },
);

function findModel(found: SourceMetadata, called: string): LogicalModelMetadata | undefined {
  return found.logical_models?.find((model) => model.name === called);
}

function requireModel(found: SourceMetadata, called: string, path: Path): LogicalModelMetadata {
  const model = findModel(found, called);
  if (model !== undefined) return model;
  throw new RequestError('not-found', path, `Logical model "${called}" not found in source "${found.name}".`);
}

/** Whose permissions a command is about: those of a logical model, or of the model that a native query declares in itself. */
interface ModelPlace {
  readonly source: string;
  readonly name: string;
  readonly place: 'logical-model' | 'native-query';
}

const modelPlace = object('LogicalModelPermission', {
  source,
  name,
  type: defaulted(oneOf('type', ['logical_model', 'native_query']), 'logical_model'),
});

function decodePlace(value: Json, place: Place): ModelPlace {
  const { source: of, name: called, type } = modelPlace.decode(value, place);
  return { source: of, name: called, place: type === 'logical_model' ? 'logical-model' : 'native-query' };
}

function permissionsAt(
  { name: called, place }: ModelPlace,
  found: SourceMetadata,
  path: Path,
): NonNullable<LogicalModelMetadata['select_permissions']> {
  if (place === 'logical-model') return requireModel(found, called, path).select_permissions ?? [];
  const query = found.native_queries?.find((item) => item.root_field_name === called);
  const model = query === undefined ? null : inlineModelOf(query);
  if (model !== null) return model.select_permissions ?? [];
  throw new RequestError(
    'not-found',
    path,
    query === undefined
      ? `Native query "${called}" not found in source "${found.name}".`
      : `Native query "${called}" has no logical model of its own.`,
  );
}

function describePlace({ name: called, place }: ModelPlace): string {
  return `${place === 'logical-model' ? 'logical model' : 'native query'} "${called}"`;
}

const permission = permissionEntry(selectPermission);

const createModelPermission = sourceCommand(
  {
    name: 'create_logical_model_select_permission',
    args: {
      decode: (value, place) => ({
        on: decodePlace(value, place),
        entry: permission.decode(value, place),
      }),
    },
  },
  ({ on, entry }, metadata, { path, sourceKind }) => {
    const known = permissionsAt(on, requireSourceOfKind(metadata, on.source, sourceKind, path), path);
    if (known.some(({ role }) => role === entry.role) || entry.role === 'admin') {
      throw new RequestError(
        'already-exists',
        path,
        `select permission already defined on ${describePlace(on)} with role "${entry.role}"`,
      );
    }
    const next = changeModelPermissions(metadata, on, (permissions) => append(permissions, entry));
    return outcome(next, { kind: 'logical-model-permission', ...on, role: entry.role });
  },
);

const dropModelPermission = sourceCommand(
  {
    name: 'drop_logical_model_select_permission',
    args: {
      decode: (value, place) => ({
        on: decodePlace(value, place),
        ...object('DropLogicalModelPermission', { role: required(nonEmptyText) }).decode(value, place),
      }),
    },
  },
  ({ on, role }, metadata, { path, sourceKind }) => {
    const known = permissionsAt(on, requireSourceOfKind(metadata, on.source, sourceKind, path), path);
    if (!known.some((entry) => entry.role === role)) {
      throw new RequestError(
        'permission-denied',
        path,
        `select permission on ${describePlace(on)} for role "${role}" does not exist`,
      );
    }
    return outcomeOfDrop(removeObjects(metadata, [{ kind: 'logical-model-permission', ...on, role }]));
  },
);

export const nativeQueryCommands = [
  trackQuery,
  untrackQuery,
  getQueries,
  trackModel,
  untrackModel,
  getModels,
  createModelPermission,
  dropModelPermission,
];
