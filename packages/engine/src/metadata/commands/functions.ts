import type { QualifiedName } from '../../catalog/index.ts';
import { type Path, RequestError } from '../../support/index.ts';
import { type Decoder, nonEmptyText, object, optional, required, text } from '../codec/index.ts';
import { type CatalogFacts, findRelationship } from '../dependencies/index.ts';
import {
  append,
  findFunction,
  findSource,
  findTable,
  requireTable,
  updateFunction,
  updateSource,
  updateTable,
  upsert,
} from '../edit.ts';
import { displayName, isSameName, qualifiedName } from '../names.ts';
import { type MetadataObjectId, objectKey } from '../object-id.ts';
import { computedField } from '../shapes/relationship.ts';
import { functionConfiguration } from '../shapes/source.ts';
import type { FunctionMetadata, Metadata, TableMetadata } from '../types.ts';
import { cascade, name, source, table } from './arguments.ts';
import { outcome, outcomeOfDrop, sourceCommand } from './command.ts';
import { dropObject } from './drop.ts';
import { type FieldPlace, refuseTakenField } from './relationships.ts';
import { isUsableSource, requireUsableTable } from './require-usable.ts';
import { isBare } from './tables.ts';

interface FunctionPlace {
  readonly source: string;
  readonly function: QualifiedName;
}

function functionId(place: FunctionPlace): MetadataObjectId {
  return { kind: 'function', source: place.source, function: place.function };
}

function requireFunction(metadata: Metadata, place: FunctionPlace, path: Path): FunctionMetadata {
  const found = findFunction(metadata, place.source, place.function);
  if (found !== undefined) return found;
  throw unknownFunction(place, path);
}

function unknownFunction(place: FunctionPlace, path: Path): RequestError {
  return new RequestError(
    'not-exists',
    path,
    `function "${displayName(place.function)}" does not exist in source: ${place.source}`,
  );
}

const trackFields = object('TrackFunction', {
  source,
  function: required(qualifiedName),
  configuration: optional(functionConfiguration),
  comment: optional(text),
});

/** The function alone may stand for all arguments. */
const trackArguments: Decoder<ReturnType<typeof trackFields.decode>> = {
  decode: (value, place) =>
    isBare(value, 'function')
      ? { source: 'default', function: qualifiedName.decode(value, place) }
      : trackFields.decode(value, place),
};

const track = sourceCommand({ name: 'track_function', args: trackArguments }, (args, metadata, context) => {
  const { path } = context;
  const shown = displayName(args.function);
  if (findSource(metadata, args.source) === undefined || !isUsableSource(args.source, context)) {
    throw new RequestError('not-exists', path, `"${args.source}" is not a known postgres source`);
  }
  const isTracked = findFunction(metadata, args.source, args.function) !== undefined;
  if (isTracked && !context.inconsistent.has(objectKey(functionId(args)))) {
    throw new RequestError('already-tracked', path, `function already tracked: "${shown}"`);
  }
  if (findTable(metadata, args.source, args.function) !== undefined) {
    throw new RequestError('not-supported', path, `table with name "${shown}" already exists`);
  }
  const { source: of, ...tracked } = args;
  const next = updateSource(metadata, of, (found) => ({
    ...found,
    // one that is inconsistent is tracked anew
    functions: upsert(found.functions, tracked, (item) => isSameName(item.function, args.function)),
  }));
  return outcome(next, functionId(args));
});

const placeFields = object('UntrackFunction', { source, function: required(qualifiedName) });

const placeArguments: Decoder<FunctionPlace> = {
  decode: (value, place) =>
    isBare(value, 'function')
      ? { source: 'default', function: qualifiedName.decode(value, place) }
      : placeFields.decode(value, place),
};

const untrack = sourceCommand(
  { name: 'untrack_function', args: placeArguments },
  (args, metadata, context) => {
    requireFunction(metadata, args, context.path);
    return outcomeOfDrop(dropObject(metadata, functionId(args), false, context));
  },
);

const customize = sourceCommand(
  {
    name: 'set_function_customization',
    args: object('SetFunctionCustomization', {
      source,
      function: required(qualifiedName),
      configuration: required(functionConfiguration),
    }),
  },
  (args, metadata, { path }) => {
    requireFunction(metadata, args, path);
    const next = updateFunction(metadata, args.source, args.function, (found) => ({
      ...found,
      configuration: args.configuration,
    }));
    return outcome(next, functionId(args));
  },
);

const permissionArguments = object('FunctionPermissionArgument', {
  source,
  function: required(qualifiedName),
  role: required(nonEmptyText),
});

const createPermission = sourceCommand(
  { name: 'create_function_permission', args: permissionArguments },
  (args, metadata, { path, catalog, inconsistent }) => {
    const { source: of, function: fn, role } = args;
    const found = requireFunction(metadata, args, path);
    if (inconsistent.has(objectKey(functionId(args)))) throw unknownFunction(args, path);
    if ((found.permissions ?? []).some((entry) => entry.role === role)) {
      throw new RequestError(
        'already-exists',
        path,
        `permission of role "${role}" already exists for function "${displayName(fn)}" in source: "${of}"`,
      );
    }
    refuseUnreadableRows(metadata, of, catalog.tableOfFunction(of, fn), role, path);
    const next = updateFunction(metadata, of, fn, (item) => ({
      ...item,
      permissions: append(item.permissions, { role }),
    }));
    return outcome(next, { kind: 'function-permission', source: of, function: fn, role });
  },
);

/** A function may be called only by those who may read what it returns. */
function refuseUnreadableRows(
  metadata: Metadata,
  of: string,
  returned: QualifiedName | null,
  role: string,
  path: Path,
): void {
  if (returned === null) return;
  const isInherited = (metadata.inherited_roles ?? []).some(({ role_name: inherited }) => inherited === role);
  const permissions = findTable(metadata, of, returned)?.select_permissions ?? [];
  if (isInherited || permissions.some((entry) => entry.role === role)) return;
  throw new RequestError(
    'not-supported',
    path,
    `function permission can only be added when the function's return table "${displayName(returned)}" has select permission configured for role: "${role}"`,
  );
}

const dropPermission = sourceCommand(
  { name: 'drop_function_permission', args: permissionArguments },
  (args, metadata, context) => {
    const found = findFunction(metadata, args.source, args.function);
    if (!(found?.permissions ?? []).some((entry) => entry.role === args.role)) {
      throw new RequestError(
        'not-exists',
        context.path,
        `permission of role "${args.role}" does not exist for function "${displayName(args.function)}" in source: "${args.source}"`,
      );
    }
    const id: MetadataObjectId = { kind: 'function-permission', ...args };
    return outcome(dropObject(metadata, id, false, context), id);
  },
);

// ---- computed fields ----------------------------------------------------------------------------------------------------------------

const fieldPlace = object('WithTable', { source, table });

const addComputedField = sourceCommand(
  {
    name: 'add_computed_field',
    args: {
      decode: (value, place) => ({
        ...fieldPlace.decode(value, place),
        field: computedField.decode(value, place),
      }),
    },
  },
  (args, metadata, context) => {
    const { path, catalog } = context;
    const at = { source: args.source, table: args.table, name: args.field.name };
    requireUsableTable(metadata, args, path.child('table'), context);
    refuseTakenField(metadata, at, catalog, path);
    const next = updateTable(metadata, args.source, args.table, (found) => ({
      ...found,
      computed_fields: append(found.computed_fields, args.field),
    }));
    return outcome(next, { kind: 'computed-field', ...at });
  },
);

const dropComputedField = sourceCommand(
  { name: 'drop_computed_field', args: object('DropComputedField', { source, table, name, cascade }) },
  ({ cascade: cascades, ...at }, metadata, context) => {
    const found = requireTable(metadata, at.source, at.table, context.path.child('table'));
    if (!(found.computed_fields ?? []).some((field) => field.name === at.name)) {
      const other = kindOfField(found, at, context.catalog);
      throw other === null
        ? new RequestError(
            'not-exists',
            context.path.child('name'),
            `computed field "${at.name}" does not exist`,
          )
        : new RequestError(
            'unexpected-payload',
            context.path.child('name'),
            `expecting a computed field; but, "${at.name}" is a ${other}`,
          );
    }
    return outcomeOfDrop(dropObject(metadata, { kind: 'computed-field', ...at }, cascades, context));
  },
);

/** What has the name instead of a computed field. */
function kindOfField(found: TableMetadata, at: FieldPlace, catalog: CatalogFacts): string | null {
  if (findRelationship(found, at.name) !== undefined) return 'relationship';
  if ((found.remote_relationships ?? []).some(({ name: other }) => other === at.name)) {
    return 'remote relationship';
  }
  return catalog.columnsOf(at.source, at.table)?.has(at.name) === true ? 'column' : null;
}

export const functionCommands = [
  track,
  untrack,
  customize,
  createPermission,
  dropPermission,
  addComputedField,
  dropComputedField,
];
