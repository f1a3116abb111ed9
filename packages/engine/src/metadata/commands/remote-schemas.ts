import { type Path, RequestError } from '../../support/index.ts';
import { json, nonEmptyText, object, required } from '../codec/index.ts';
import { append, upsert, withOptional } from '../edit.ts';
import { graphqlName } from '../names.ts';
import { decodeRemoteDefinition } from '../shapes/relationship.ts';
import { remoteSchemaDefinition, remoteSchemaPermission } from '../shapes/top-level.ts';
import type { Metadata, RemoteRelationshipMetadata, RemoteSchemaMetadata } from '../types.ts';
import { comment, name } from './arguments.ts';
import { globalCommand, outcome, outcomeOfDrop, outcomeWithCause } from './command.ts';
import { dropObject } from './drop.ts';

function findSchema(metadata: Metadata, called: string): RemoteSchemaMetadata | undefined {
  return metadata.remote_schemas?.find((schema) => schema.name === called);
}

/** Each kind of command has its own words. Source: spec/remote-schemas.md 2, 7.1. */
function requireSchema(
  metadata: Metadata,
  called: string,
  path: Path,
  message = 'no such remote schema',
): RemoteSchemaMetadata {
  const found = findSchema(metadata, called);
  if (found !== undefined) return found;
  throw new RequestError('not-exists', path, message);
}

function updateSchema(
  metadata: Metadata,
  called: string,
  change: (schema: RemoteSchemaMetadata) => RemoteSchemaMetadata,
): Metadata {
  return {
    ...metadata,
    remote_schemas: (metadata.remote_schemas ?? []).map((schema) =>
      schema.name === called ? change(schema) : schema,
    ),
  };
}

const definitionFields = object('AddRemoteSchemaQuery', {
  name,
  definition: required(remoteSchemaDefinition),
  comment,
});

const add = globalCommand(
  { name: 'add_remote_schema', args: definitionFields },
  (schema, metadata, { path }) => {
    if (findSchema(metadata, schema.name) !== undefined) {
      throw new RequestError(
        'already-exists',
        path,
        `remote schema with name "${schema.name}" already exists`,
      );
    }
    return outcomeWithCause(
      { ...metadata, remote_schemas: append(metadata.remote_schemas, schema) },
      { kind: 'remote-schema', name: schema.name },
    );
  },
);

const update = globalCommand(
  { name: 'update_remote_schema', args: definitionFields },
  ({ name: called, definition, comment: said }, metadata, { path }) => {
    requireSchema(metadata, called, path, `remote schema with name "${called}" doesn't exist`);
    // a comment that is not given again goes
    const next = updateSchema(metadata, called, (schema) =>
      withOptional({ ...schema, definition }, 'comment', said),
    );
    return outcome(next, { kind: 'remote-schema', name: called });
  },
);

const remove = globalCommand(
  { name: 'remove_remote_schema', args: object('RemoteSchemaNameQuery', { name }) },
  ({ name: called }, metadata, context) => {
    requireSchema(metadata, called, context.path);
    return outcomeOfDrop(dropObject(metadata, { kind: 'remote-schema', name: called }, false, context));
  },
);

// ---- permissions --------------------------------------------------------------------------------------------------------------------

const permissionPlace = object('DropRemoteSchemaPermissions', {
  remote_schema: required(nonEmptyText),
  role: required(nonEmptyText),
});

const addPermissions = globalCommand(
  {
    name: 'add_remote_schema_permissions',
    args: {
      decode: (value, place) => ({
        ...permissionPlace.decode(value, place),
        entry: remoteSchemaPermission.decode(value, place),
      }),
    },
  },
  ({ remote_schema: called, role, entry }, metadata, { path }) => {
    const schema = requireSchema(metadata, called, path, `remote schema "${called}" doesn't exist`);
    if (role === 'admin') {
      throw new RequestError('constraint-violation', path, 'cannot define permission for admin role');
    }
    if ((schema.permissions ?? []).some((item) => item.role === role)) {
      throw new RequestError(
        'already-exists',
        path,
        `permissions for role: "${role}" for remote schema:"${called}" already exists`,
      );
    }
    const next = updateSchema(metadata, called, (item) => ({
      ...item,
      permissions: append(item.permissions, entry),
    }));
    return outcomeWithCause(next, { kind: 'remote-schema-permission', name: called, role });
  },
);

const dropPermissions = globalCommand(
  { name: 'drop_remote_schema_permissions', args: permissionPlace },
  ({ remote_schema: called, role }, metadata, context) => {
    const schema = requireSchema(metadata, called, context.path, `remote schema "${called}" doesn't exist`);
    if (!(schema.permissions ?? []).some((item) => item.role === role)) {
      throw new RequestError(
        'not-exists',
        context.path,
        `permissions for role: "${role}" for remote schema:"${called}" doesn't exist`,
      );
    }
    return outcomeOfDrop(
      dropObject(metadata, { kind: 'remote-schema-permission', name: called, role }, false, context),
    );
  },
);

// ---- relationships of remote types --------------------------------------------------------------------------------------------------

const relationshipPlace = object('DeleteRemoteSchemaRemoteRelationship', {
  remote_schema: required(nonEmptyText),
  type_name: required(graphqlName),
  name,
});
const relationshipDefinition = object('CreateRemoteSchemaRemoteRelationship', { definition: required(json) });

type TypePlace = ReturnType<typeof relationshipPlace.decode>;

function relationshipsAt(metadata: Metadata, place: TypePlace): readonly RemoteRelationshipMetadata[] {
  const entries = findSchema(metadata, place.remote_schema)?.remote_relationships ?? [];
  return entries.find((entry) => entry.type_name === place.type_name)?.relationships ?? [];
}

function withRelationships(
  metadata: Metadata,
  place: TypePlace,
  relationships: readonly RemoteRelationshipMetadata[],
): Metadata {
  // a type whose last relationship goes stays, without any
  const entry = { type_name: place.type_name, relationships };
  return updateSchema(metadata, place.remote_schema, (schema) => ({
    ...schema,
    remote_relationships: upsert(
      schema.remote_relationships,
      entry,
      (other) => other.type_name === place.type_name,
    ),
  }));
}

/** Creation replaces one of the same name. */
function writeRelationship(action: 'create' | 'update') {
  return globalCommand(
    {
      name: `${action}_remote_schema_remote_relationship`,
      args: {
        decode: (value, place) => ({
          place: relationshipPlace.decode(value, place),
          definition: decodeRemoteDefinition(
            relationshipDefinition.decode(value, place).definition,
            place,
            'strict',
          ),
        }),
      },
    },
    ({ place, definition }, metadata, { path }) => {
      requireSchema(metadata, place.remote_schema, path);
      const present = relationshipsAt(metadata, place);
      const isSame = (item: RemoteRelationshipMetadata): boolean => item.name === place.name;
      if (action === 'update' && !present.some(isSame)) throw missingRelationship(place, path);
      const relationships = upsert(present, { name: place.name, definition }, isSame);
      return outcome(withRelationships(metadata, place, relationships), {
        kind: 'other',
        type: 'remote_schema_remote_relationship',
        name: `${place.remote_schema}.${place.type_name}.${place.name}`,
      });
    },
  );
}

function missingRelationship(place: TypePlace, path: Path): RequestError {
  return new RequestError(
    'not-exists',
    path,
    `no relationship defined on remote schema ""${place.remote_schema}" with name "${place.name}""`,
  );
}

const deleteRelationship = globalCommand(
  { name: 'delete_remote_schema_remote_relationship', args: relationshipPlace },
  (place, metadata, { path }) => {
    requireSchema(metadata, place.remote_schema, path);
    const present = relationshipsAt(metadata, place);
    if (!present.some((item) => item.name === place.name)) throw missingRelationship(place, path);
    return outcomeOfDrop(
      withRelationships(
        metadata,
        place,
        present.filter((item) => item.name !== place.name),
      ),
    );
  },
);

export const remoteSchemaCommands = [
  add,
  update,
  remove,
  addPermissions,
  dropPermissions,
  writeRelationship('create'),
  writeRelationship('update'),
  deleteRelationship,
];
