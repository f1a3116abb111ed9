import type { QualifiedName } from '../../catalog/index.ts';
import { changeModelPermissions, reject, updateFunction, updateSource, updateTable } from '../edit.ts';
import { isSameName } from '../names.ts';
import type { MetadataObjectId } from '../object-id.ts';
import type { Metadata, TableMetadata } from '../types.ts';

/** The document without the objects; what is part of an object goes with it, what depends on it stays. */
export function removeObjects(metadata: Metadata, objects: readonly MetadataObjectId[]): Metadata {
  return objects.reduce(removeObject, metadata);
}

function removeObject(metadata: Metadata, id: MetadataObjectId): Metadata {
  switch (id.kind) {
    case 'source':
      return { ...metadata, sources: reject(metadata.sources, ({ name }) => name === id.source) };
    case 'table':
      return updateSource(metadata, id.source, (source) => ({
        ...source,
        tables: reject(source.tables, ({ table }) => isSameName(table, id.table)),
      }));
    case 'function':
      return updateSource(metadata, id.source, (source) => ({
        ...source,
        functions: reject(source.functions, (item) => isSameName(item.function, id.function)),
      }));
    case 'function-permission':
      return updateFunction(metadata, id.source, id.function, (fn) => ({
        ...fn,
        permissions: reject(fn.permissions, ({ role }) => role === id.role),
      }));
    case 'relationship':
      return onTable(metadata, id, (table) => ({
        ...table,
        object_relationships: reject(table.object_relationships, ({ name }) => name === id.name),
        array_relationships: reject(table.array_relationships, ({ name }) => name === id.name),
      }));
    case 'computed-field':
      return onTable(metadata, id, (table) => ({
        ...table,
        computed_fields: reject(table.computed_fields, ({ name }) => name === id.name),
      }));
    case 'remote-relationship':
      return onTable(metadata, id, (table) => ({
        ...table,
        remote_relationships: reject(table.remote_relationships, ({ name }) => name === id.name),
      }));
    case 'event-trigger':
      return onTable(metadata, id, (table) => ({
        ...table,
        event_triggers: reject(table.event_triggers, ({ name }) => name === id.name),
      }));
    case 'permission':
      return onTable(metadata, id, (table) => ({
        ...table,
        [`${id.operation}_permissions`]: reject<{ readonly role: string }>(
          table[`${id.operation}_permissions`],
          ({ role }) => role === id.role,
        ),
      }));
    case 'native-query':
      return updateSource(metadata, id.source, (source) => ({
        ...source,
        native_queries: reject(source.native_queries, ({ root_field_name: name }) => name === id.name),
      }));
    case 'logical-model':
      return updateSource(metadata, id.source, (source) => ({
        ...source,
        logical_models: reject(source.logical_models, ({ name }) => name === id.name),
      }));
    case 'logical-model-permission':
      return changeModelPermissions(metadata, id, (permissions) =>
        reject(permissions, ({ role }) => role === id.role),
      );
    case 'remote-schema':
      return { ...metadata, remote_schemas: reject(metadata.remote_schemas, ({ name }) => name === id.name) };
    case 'remote-schema-permission':
      return {
        ...metadata,
        remote_schemas: (metadata.remote_schemas ?? []).map((schema) =>
          schema.name === id.name
            ? { ...schema, permissions: reject(schema.permissions, ({ role }) => role === id.role) }
            : schema,
        ),
      };
    case 'inherited-role':
      return {
        ...metadata,
        inherited_roles: reject(metadata.inherited_roles, ({ role_name: role }) => role === id.role),
      };
    case 'other':
      return removeOther(metadata, id.type, id.name);
  }
}

function onTable(
  metadata: Metadata,
  id: { readonly source: string; readonly table: QualifiedName },
  change: (table: TableMetadata) => TableMetadata,
): Metadata {
  return updateTable(metadata, id.source, id.table, change);
}

/** Names are those of inconsistent objects, with or without the type in front. Source: spec/metadata-api.md 4.2. */
function removeOther(metadata: Metadata, type: string, fullName: string): Metadata {
  const name = fullName.startsWith(`${type} `) ? fullName.slice(type.length + 1) : fullName;
  switch (type) {
    case 'action':
      return { ...metadata, actions: reject(metadata.actions, (action) => action.name === name) };
    case 'action_permission': {
      // the name of an action has no spaces, that of a role may have any
      const [, role, action] = /^(.*?)(?: permission)? in (\S*)$/s.exec(name) ?? [];
      return {
        ...metadata,
        actions: (metadata.actions ?? []).map((candidate) =>
          candidate.name === action
            ? { ...candidate, permissions: reject(candidate.permissions, (entry) => entry.role === role) }
            : candidate,
        ),
      };
    }
    case 'cron_trigger':
      return {
        ...metadata,
        cron_triggers: reject(metadata.cron_triggers, (trigger) => trigger.name === name),
      };
    case 'rest_endpoint':
      return {
        ...metadata,
        rest_endpoints: reject(metadata.rest_endpoints, (endpoint) => endpoint.name === name),
      };
    case 'custom_types': {
      const { custom_types: _types, ...rest } = metadata;
      return rest;
    }
    case 'custom_type_relationship': {
      const [type, relationship] = name.split('.');
      const { custom_types: types } = metadata;
      if (types === undefined) return metadata;
      const objects = (types.objects ?? []).map((object) =>
        object.name === type
          ? { ...object, relationships: reject(object.relationships, (item) => item.name === relationship) }
          : object,
      );
      return { ...metadata, custom_types: { ...types, objects } };
    }
    case 'query_collections': {
      // either name may have ` in ` in it
      const isMeant = (query: string, collection: string): boolean => `${query} in ${collection}` === name;
      const collections = (metadata.query_collections ?? []).flatMap((candidate) => {
        const { queries } = candidate.definition;
        const kept = reject(queries, (entry) => isMeant(entry.name, candidate.name));
        if (kept.length === queries.length) return [candidate];
        // nothing is left of a collection without queries, which therefore allows nothing either
        return kept.length === 0 ? [] : [{ ...candidate, definition: { queries: kept } }];
      });
      const isKept = new Set(collections.map((candidate) => candidate.name));
      const isGone = (collection: string) =>
        !isKept.has(collection) &&
        (metadata.query_collections ?? []).some((candidate) => candidate.name === collection);
      const { allowlist, rest_endpoints: endpoints } = metadata;
      return {
        ...metadata,
        query_collections: collections,
        ...(allowlist === undefined
          ? {}
          : { allowlist: reject(allowlist, (entry) => isGone(entry.collection)) }),
        ...(endpoints === undefined
          ? {}
          : {
              rest_endpoints: reject(endpoints, ({ definition: { query } }) =>
                isMeant(query.query_name, query.collection_name),
              ),
            }),
      };
    }
    case 'remote_schema_remote_relationship': {
      // the name of a schema may have dots in it
      return {
        ...metadata,
        remote_schemas: (metadata.remote_schemas ?? []).map((schema) =>
          name.startsWith(`${schema.name}.`)
            ? {
                ...schema,
                remote_relationships: (schema.remote_relationships ?? []).map((entry) => ({
                  ...entry,
                  relationships: reject(
                    entry.relationships,
                    (item) => `${schema.name}.${entry.type_name}.${item.name}` === name,
                  ),
                })),
              }
            : schema,
        ),
      };
    }
    case 'open_telemetry': {
      const { opentelemetry: _removed, ...rest } = metadata;
      return rest;
    }
    default:
      return metadata;
  }
}
