import type { Metadata } from '../metadata/index.ts';
import type { Inconsistency } from '../model/index.ts';
import type { RoleSchema } from '../schema/index.ts';
import { resolveDocument } from './resolve-document.ts';

/**
 * Queries of collections that the administrator's schema does not answer. They are told to whoever changes the metadata; nothing is taken away
 * from them, as another role's schema or a later change may fit. Source: spec/metadata-api.md 4.2.
 */
export function inconsistentCollections(metadata: Metadata, admin: () => RoleSchema): Inconsistency[] {
  return (metadata.query_collections ?? []).flatMap(({ name: collection, definition }) =>
    definition.queries.flatMap(({ name, query }): Inconsistency[] => {
      const { problems } = resolveDocument(query, admin());
      if (problems.length === 0) return [];
      const id = `query_collections ${name} in ${collection}`;
      const faults = problems.map((problem) => `"${problem}"`).join(', ');
      return [
        {
          type: 'query_collections',
          name: id,
          reason:
            `Inconsistent object: In query collection "${collection}" the query "${name}" is invalid with the following error(s): ${faults}` +
            usesOf(metadata, collection, name),
          definition: { name, query },
          object: { kind: 'other', type: 'query_collections', name: id },
        },
      ];
    }),
  );
}

function usesOf(metadata: Metadata, collection: string, query: string): string {
  const endpoints = (metadata.rest_endpoints ?? []).filter(
    ({ definition }) =>
      definition.query.collection_name === collection && definition.query.query_name === query,
  );
  const names = endpoints.map(({ name }) => `"${name}"`).join(', ');
  const isAllowed = (metadata.allowlist ?? []).some((entry) => entry.collection === collection);
  return (
    (names === '' ? '' : `. This query is being used in the following REST endpoint(s): ${names}`) +
    (isAllowed ? '. This query is in allowlist.' : '')
  );
}
