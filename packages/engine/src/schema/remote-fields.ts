/** Fields that lead from an object to fields of remote schemas, and from objects of remote schemas elsewhere. Source: spec/remote-schemas.md 9. */
import type { RemoteFieldRelationship, RemoteSchemaAccess } from '../model/index.ts';
import { findRemoteFieldFault, namedTypeOf, type RemoteField } from '../remote-schemas/index.ts';
import type { SchemaContext } from './context.ts';
import { remoteRowsFields } from './remote-rows.ts';
import { remoteTypes } from './remote-types.ts';
import type { Field } from './types.ts';

/** The fields of the relationships of a remote schema's object type. */
export function* relationshipFields(
  context: SchemaContext,
  schemaName: string,
  typeName: string,
): Iterable<Field> {
  for (const relationship of context.model.remoteTypeRelationshipsOf(schemaName, typeName)) {
    if (relationship.kind === 'remote-field') yield* remoteField(context, relationship, schemaName);
    else yield* remoteRowsFields(context, relationship);
  }
}

/**
 * The field of the relationship; none when the role lacks a part of the path or of what is fixed on it.
 * @param left the table, or the remote schema, that it starts at
 */
export function* remoteField(
  context: SchemaContext,
  relationship: RemoteFieldRelationship,
  left: string,
): Iterable<Field> {
  const accesses = context.model.remoteSchemasOf(context.role);
  const access = accesses.find(({ schema }) => schema.name === relationship.remoteSchema);
  if (access === undefined) return;
  const item = findField(relationship, access);
  if (item === null) return;
  const suffix = `${left.replace(/[^A-Za-z0-9]/g, '_')}${relationship.name}`;
  const meaning = { kind: 'remote-field', relationship, access } as const;
  yield remoteTypes(context, access).joinedField(relationship, item, suffix, meaning);
}

function findField(
  { steps, fields }: RemoteFieldRelationship,
  { typeSystem }: RemoteSchemaAccess,
): RemoteField | null {
  if (findRemoteFieldFault(steps, typeSystem, new Set(fields)) !== null) return null;
  let typeName = typeSystem.roots.query;
  let found: RemoteField | null = null;
  for (const step of steps) {
    const type = typeSystem.types.get(typeName);
    found =
      (type?.kind === 'object' || type?.kind === 'interface' ? type.fields.get(step.field) : null) ?? null;
    if (found === null) return null;
    typeName = namedTypeOf(found.type);
  }
  return found;
}
