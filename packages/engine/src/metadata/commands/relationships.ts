import type { QualifiedName } from '../../catalog/index.ts';
import { type Path, RequestError } from '../../support/index.ts';
import {
  type Decoder,
  expectObject,
  nonEmptyText,
  object,
  optional,
  required,
  text,
} from '../codec/index.ts';
import { type CatalogFacts, findRelationship, renameRelationship } from '../dependencies/index.ts';
import { append, findTable, requireTable, updateTable, upsert, withOptional } from '../edit.ts';
import { displayName } from '../names.ts';
import type { MetadataObjectId } from '../object-id.ts';
import { arrayRelationship, decodeRemoteDefinition, objectRelationship } from '../shapes/relationship.ts';
import type { Metadata, RelationshipMetadata, RemoteRelationshipMetadata, TableMetadata } from '../types.ts';
import { cascade, name, source, table } from './arguments.ts';
import {
  type CommandContext,
  type CommandDefinition,
  outcome,
  outcomeOfDrop,
  outcomeWithoutCheck,
  sourceCommand,
} from './command.ts';
import { dropObject } from './drop.ts';
import { requireUsableTable } from './require-usable.ts';

/** Where a field is to be or is. */
export interface FieldPlace {
  readonly source: string;
  readonly table: QualifiedName;
  readonly name: string;
}

/** Whether the table has a column, relationship or computed field of the name. */
export function hasField(metadata: Metadata, place: FieldPlace, catalog: CatalogFacts): boolean {
  const found = findTable(metadata, place.source, place.table);
  return (
    catalog.columnsOf(place.source, place.table)?.has(place.name) === true ||
    (found !== undefined && hasDeclaredField(found, place.name))
  );
}

function hasDeclaredField(found: TableMetadata, field: string): boolean {
  return (
    findRelationship(found, field) !== undefined ||
    (found.computed_fields ?? []).some((computed) => computed.name === field) ||
    (found.remote_relationships ?? []).some((relationship) => relationship.name === field)
  );
}

/** @throws RequestError `already-exists` */
export function refuseTakenField(
  metadata: Metadata,
  place: FieldPlace,
  catalog: CatalogFacts,
  path: Path,
): void {
  if (!hasField(metadata, place, catalog)) return;
  throw new RequestError(
    'already-exists',
    path,
    `field with name "${place.name}" already exists in table "${displayName(place.table)}"`,
  );
}

const placeFields = object('WithTable', { source, table });

function create(kind: 'object' | 'array'): CommandDefinition {
  const list = `${kind}_relationships` as const;
  const shape = kind === 'object' ? objectRelationship : arrayRelationship;
  const args: Decoder<{
    readonly source: string;
    readonly table: QualifiedName;
    readonly relationship: RelationshipMetadata;
  }> = {
    decode: (value, place) => ({
      ...placeFields.decode(value, place),
      relationship: shape.decode(value, place),
    }),
  };
  return sourceCommand({ name: `create_${kind}_relationship`, args }, (given, metadata, context) => {
    const { path, catalog } = context;
    const at = { source: given.source, table: given.table, name: given.relationship.name };
    requireUsableTable(metadata, given, path, context);
    refuseTakenField(metadata, at, catalog, path);
    const next = updateTable(metadata, given.source, given.table, (found) => ({
      ...found,
      [list]: append(found[list], given.relationship),
    }));
    return outcome(next, { kind: 'relationship', ...at });
  });
}

function requireRelationship(
  metadata: Metadata,
  place: FieldPlace,
  { path, catalog }: Pick<CommandContext, 'path' | 'catalog'>,
): void {
  const found = requireTable(metadata, place.source, place.table, path);
  if (findRelationship(found, place.name) !== undefined) return;
  if (hasField(metadata, place, catalog)) {
    throw new RequestError(
      'unexpected-payload',
      path,
      `expecting a relationship; but, "${place.name}" is a postgres column; `,
    );
  }
  throw new RequestError('not-exists', path, `relationship "${place.name}" does not exist`);
}

const drop = sourceCommand(
  {
    name: 'drop_relationship',
    args: object('DropRel', { source, table, relationship: required(nonEmptyText), cascade }),
  },
  (args, metadata, context) => {
    const at = { source: args.source, table: args.table, name: args.relationship };
    requireRelationship(metadata, at, context);
    return outcomeOfDrop(dropObject(metadata, { kind: 'relationship', ...at }, args.cascade, context));
  },
);

const rename = sourceCommand(
  {
    name: 'rename_relationship',
    args: object('RenameRel', { source, table, name, new_name: required(nonEmptyText) }),
  },
  (args, metadata, context) => {
    const { path, catalog } = context;
    const { source: of, table: at, name: from, new_name: to } = args;
    requireRelationship(metadata, { source: of, table: at, name: from }, context);
    if (hasField(metadata, { source: of, table: at, name: to }, catalog)) {
      throw new RequestError(
        'already-exists',
        path,
        `cannot rename relationship "${from}" to "${to}" in table "${displayName(at)}" as a column/relationship with the name already exists`,
      );
    }
    const next = renameRelationship(metadata, { source: of, table: at, from, to }, catalog);
    return outcome(next, { kind: 'relationship', source: of, table: at, name: to });
  },
);

const setComment = sourceCommand(
  {
    name: 'set_relationship_comment',
    args: object('SetRelComment', {
      source,
      table,
      relationship: required(nonEmptyText),
      comment: optional(text),
    }),
  },
  (args, metadata, context) => {
    const place = { source: args.source, table: args.table, name: args.relationship };
    requireRelationship(metadata, place, context);
    const change = (item: RelationshipMetadata): RelationshipMetadata =>
      item.name === args.relationship ? withOptional(item, 'comment', args.comment) : item;
    const next = updateTable(metadata, args.source, args.table, (found) => ({
      ...found,
      object_relationships: (found.object_relationships ?? []).map(change),
      array_relationships: (found.array_relationships ?? []).map(change),
    }));
    return outcomeWithoutCheck(next);
  },
);

// ---- remote relationships -----------------------------------------------------------------------------------------------------------

const remotePlace = object('RemoteRelationshipPlace', { source, table, name });

/** `definition`, or its parts beside the name, as `/v1/query` has it. */
const remoteArguments: Decoder<FieldPlace & Pick<RemoteRelationshipMetadata, 'definition'>> = {
  decode(value, place) {
    const given = expectObject('CreateFromSourceRelationship', value, place);
    const at = remotePlace.decode(given, place);
    const definition = given['definition'] ?? null;
    const isOlder = (given['remote_schema'] ?? null) !== null;
    if (isOlder === (definition !== null)) {
      return place.fail('create_remote_relationship expects exactly one of: remote_schema, definition');
    }
    return {
      ...at,
      definition: isOlder
        ? decodeRemoteDefinition(given, place, 'legacy')
        : decodeRemoteDefinition(definition, place, 'strict'),
    };
  },
};

/** One of the same name is replaced. */
const createRemote = sourceCommand(
  { name: 'create_remote_relationship', args: remoteArguments },
  (args, metadata, context) => {
    requireUsableTable(metadata, args, context.path, context);
    return outcome(writeRemote(metadata, args), remoteId(args));
  },
);

const updateRemote = sourceCommand(
  { name: 'update_remote_relationship', args: remoteArguments },
  (args, metadata, context) => {
    requireRemote(metadata, args, context);
    return outcome(writeRemote(metadata, args), remoteId(args));
  },
);

function writeRemote(
  metadata: Metadata,
  { source: of, table: at, name: called, definition }: ReturnType<typeof remoteArguments.decode>,
): Metadata {
  return updateTable(metadata, of, at, (found) => ({
    ...found,
    remote_relationships: upsert(
      found.remote_relationships,
      { name: called, definition },
      (other) => other.name === called,
    ),
  }));
}

const deleteRemote = sourceCommand(
  { name: 'delete_remote_relationship', args: remotePlace },
  (args, metadata, context) => {
    requireRemote(metadata, args, context);
    return outcomeOfDrop(dropObject(metadata, remoteId(args), false, context));
  },
);

function requireRemote(
  metadata: Metadata,
  place: FieldPlace,
  { path, catalog }: Pick<CommandContext, 'path' | 'catalog'>,
): void {
  const found = requireTable(metadata, place.source, place.table, path);
  if ((found.remote_relationships ?? []).some((item) => item.name === place.name)) return;
  if (hasField(metadata, place, catalog)) {
    throw new RequestError('unexpected-payload', path, 'expecting a remote relationship');
  }
  throw new RequestError('not-exists', path, `"${place.name}" does not exist`);
}

function remoteId({ source: of, table: at, name: called }: FieldPlace): MetadataObjectId {
  return { kind: 'remote-relationship', source: of, table: at, name: called };
}

export const relationshipCommands = [
  create('object'),
  create('array'),
  drop,
  rename,
  setComment,
  createRemote,
  updateRemote,
  deleteRemote,
];
