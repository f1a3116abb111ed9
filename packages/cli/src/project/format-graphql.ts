import { isMapping, isList, mappingsIn, type Mapping, type Value } from '../document/index.ts';
import { printAlike } from './print-graphql.ts';

/** Each query is printed anew with two spaces. Source: spec/cli.md 2.4. */
export function formatQueryCollections(collections: Value, warnings: string[]): Value {
  return mapEach(collections, (collection) => {
    const definition = collection.get('definition');
    if (!isMapping(definition)) return collection;
    const queries = mapEach(definition.get('queries') ?? [], (query) => {
      const text = query.get('query');
      if (typeof text !== 'string') return query;
      const printed = printAlike(text, 'operations');
      if (printed === null) {
        warnings.push(
          `query ${String(query.get('name'))} of collection ${String(collection.get('name'))} is left as it is, because it is no GraphQL`,
        );
        return query;
      }
      return replaced(query, 'query', printed);
    });
    return replaced(collection, 'definition', replaced(definition, 'queries', queries));
  });
}

/** Keys in the order of the format; the documents of roles printed anew. */
export function formatRemoteSchemas(schemas: Value, warnings: string[]): Value {
  return mapEach(schemas, (schema) => {
    const permissions = schema.get('permissions');
    const formatted =
      permissions === undefined
        ? undefined
        : mapEach(permissions, (permission) => {
            const definition = permission.get('definition');
            const text = isMapping(definition) ? definition.get('schema') : undefined;
            if (!isMapping(definition) || typeof text !== 'string') return permission;
            const printed = printAlike(text, 'types');
            if (printed === null) {
              warnings.push(
                `formatting permission for role ${String(permission.get('role'))} in remote schema ${String(schema.get('name'))} failed`,
              );
              return permission;
            }
            return replaced(permission, 'definition', replaced(definition, 'schema', printed));
          });
    const first = ['name', 'definition', 'comment', 'permissions', 'remote_relationships'];
    const ordered = [...first, ...[...schema.keys()].filter((key) => !first.includes(key))];
    return new Map(
      ordered.flatMap((key) => {
        const value = key === 'permissions' ? formatted : schema.get(key);
        return value === undefined ? [] : [[key, value] as const];
      }),
    );
  });
}

function mapEach(list: Value, change: (member: Mapping) => Mapping): Value {
  return isList(list) && mappingsIn(list).length === list.length ? mappingsIn(list).map(change) : list;
}

function replaced(mapping: Mapping, key: string, value: Value): Mapping {
  return new Map([...mapping].map(([each, old]) => [each, each === key ? value : old]));
}
