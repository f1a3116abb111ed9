import { type Path, RequestError } from '../../support/index.ts';
import { compareText, defaulted, nonEmptyText, object, oneOf, required, sortedList } from '../codec/index.ts';
import { append, findSource, updateSource } from '../edit.ts';
import { permissionEntry, selectPermission } from '../shapes/permission.ts';
import { logicalModel, nativeQuery } from '../shapes/source.ts';
import type { LogicalModelMetadata, Metadata, SourceMetadata } from '../types.ts';
import { name, source } from './arguments.ts';
import { outcome, outcomeOfDrop, outcomeWithoutCheck, sourceCommand } from './command.ts';
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
    return outcome(next, { kind: 'native-query', source: of, name: called });
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

const permissionPlace = object('LogicalModelPermission', {
  source,
  name,
  type: defaulted(oneOf('type', ['logical_model', 'native_query']), 'logical_model'),
});
const permission = permissionEntry(selectPermission);

const createModelPermission = sourceCommand(
  {
    name: 'create_logical_model_select_permission',
    args: {
      decode: (value, place) => ({
        ...permissionPlace.decode(value, place),
        entry: permission.decode(value, place),
      }),
    },
  },
  ({ source: of, name: called, entry }, metadata, { path, sourceKind }) => {
    const model = requireModel(requireSourceOfKind(metadata, of, sourceKind, path), called, path);
    if ((model.select_permissions ?? []).some(({ role }) => role === entry.role) || entry.role === 'admin') {
      throw new RequestError(
        'already-exists',
        path,
        `select permission already defined on logical model "${called}" with role "${entry.role}"`,
      );
    }
    const next = updateModel(metadata, of, called, (item) => ({
      ...item,
      select_permissions: append(item.select_permissions, entry),
    }));
    return outcome(next, { kind: 'logical-model', source: of, name: called });
  },
);

const dropModelPermission = sourceCommand(
  {
    name: 'drop_logical_model_select_permission',
    args: {
      decode: (value, place) => ({
        ...permissionPlace.decode(value, place),
        ...object('DropLogicalModelPermission', { role: required(nonEmptyText) }).decode(value, place),
      }),
    },
  },
  ({ source: of, name: called, role }, metadata, { path, sourceKind }) => {
    const model = requireModel(requireSourceOfKind(metadata, of, sourceKind, path), called, path);
    if (!(model.select_permissions ?? []).some((entry) => entry.role === role)) {
      throw new RequestError(
        'permission-denied',
        path,
        `select permission on logical model "${called}" for role "${role}" does not exist`,
      );
    }
    return outcomeOfDrop(
      updateModel(metadata, of, called, (item) => ({
        ...item,
        select_permissions: (item.select_permissions ?? []).filter((entry) => entry.role !== role),
      })),
    );
  },
);

function updateModel(
  metadata: Metadata,
  of: string,
  called: string,
  change: (model: LogicalModelMetadata) => LogicalModelMetadata,
): Metadata {
  return updateSource(metadata, of, (item) => ({
    ...item,
    logical_models: (item.logical_models ?? []).map((model) =>
      model.name === called ? change(model) : model,
    ),
  }));
}

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
