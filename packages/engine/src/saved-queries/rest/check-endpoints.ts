import { parseDocument } from '../../graphql/index.ts';
import type { Metadata, MetadataObjectId, RestEndpointMetadata } from '../../metadata/index.ts';
import type { Inconsistency } from '../../model/index.ts';
import { type JsonObject, RequestError } from '../../support/index.ts';
import { type Segment, segmentsOf } from './endpoint-path.ts';

/** What is wrong with the REST endpoints. Source: spec/metadata-api.md 3.8, 4.1, 4.2. */
export function inconsistentEndpoints(metadata: Metadata): Inconsistency[] {
  const endpoints = metadata.rest_endpoints ?? [];
  return [
    ...endpoints.flatMap((endpoint): Inconsistency[] => {
      const reason = faultOf(endpoint, metadata);
      if (reason === null) return [];
      const name = `rest_endpoint ${endpoint.name}`;
      return [
        { type: 'rest_endpoint', name, reason, definition: endpointJson(endpoint), object: idOf(endpoint) },
      ];
    }),
    ...ambiguousPaths(endpoints, metadata),
  ];
}

/** The text of the query behind an endpoint; undefined when the collection or the query is missing. */
export function storedQuery(endpoint: RestEndpointMetadata, metadata: Metadata): string | undefined {
  const { collection_name: collectionName, query_name: queryName } = endpoint.definition.query;
  return metadata.query_collections
    ?.find(({ name }) => name === collectionName)
    ?.definition.queries.find(({ name }) => name === queryName)?.query;
}

function faultOf(endpoint: RestEndpointMetadata, metadata: Metadata): string | null {
  const segments = segmentsOf(endpoint.url);
  const variables = segments.flatMap((segment) => (segment.kind === 'variable' ? [segment.name] : []));
  if (segments.some((segment) => (segment.kind === 'variable' ? segment.name : segment.text) === '')) {
    return `Empty segments or unnamed variables are not allowed: ${endpoint.url}`;
  }
  if (new Set(variables).size < variables.length) {
    return `Duplicate variables found in endpoint path: ${endpoint.url}`;
  }
  const fault = queryFault(endpoint, metadata);
  return fault === null ? null : `Inconsistent object: in endpoint ${endpoint.name}: ${fault}`;
}

/** Why an endpoint's query cannot be called at all, or null. One that the schema does not answer is its collection's fault. */
export function queryFault(endpoint: RestEndpointMetadata, metadata: Metadata): string | null {
  const { collection_name: collectionName, query_name: queryName } = endpoint.definition.query;
  const query = storedQuery(endpoint, metadata);
  if (query === undefined) {
    return metadata.query_collections?.some(({ name }) => name === collectionName) === true
      ? `query with name ${queryName} does not exist in collection ${collectionName}`
      : `collection with name ${collectionName} does not exist`;
  }
  return describeFault(query, queryName);
}

/** None for a text that cannot be read. */
function describeFault(query: string, queryName: string): string | null {
  try {
    const [first, second] = parseDocument(query).operations;
    if (second !== undefined) return `query with name ${queryName} has multiple definitions.`;
    return first?.prepare().kind === 'subscription' ? `query with name ${queryName} is a subscription` : null;
  } catch (error) {
    if (error instanceof RequestError) return null;
    throw error;
  }
}

/** Groups of endpoints that are chained by paths which one request could match both of. */
function ambiguousPaths(endpoints: readonly RestEndpointMetadata[], metadata: Metadata): Inconsistency[] {
  const groups: RestEndpointMetadata[][] = [];
  for (const endpoint of endpoints) {
    const touching = groups.filter((group) => group.some((other) => areAmbiguous(endpoint, other)));
    const apart = groups.filter((group) => !touching.includes(group));
    groups.splice(0, groups.length, ...apart, [...touching.flat(), endpoint]);
  }
  return groups
    .filter((group) => group.length > 1)
    .map((group) => {
      const sorted = [...group].sort((first, second) => (first.url < second.url ? -1 : 1));
      const urls = sorted.map(({ url }) => url).join(', ');
      return {
        type: 'rest_endpoint',
        name: `rest_endpoint ${sorted.map(({ name }) => name).join(', ')}`,
        reason: `Ambiguous URL paths: ${urls}`,
        definition: null,
        conflicts: sorted.map((endpoint) => ({
          ...endpointJson(endpoint),
          definition: { query: storedQuery(endpoint, metadata) ?? null },
        })),
        object: null,
        conflictingObjects: sorted.map(idOf),
      };
    });
}

function areAmbiguous(first: RestEndpointMetadata, second: RestEndpointMetadata): boolean {
  if (!first.methods.some((method) => second.methods.includes(method))) return false;
  const [ours, theirs] = [segmentsOf(first.url), segmentsOf(second.url)];
  return (
    ours.length === theirs.length &&
    ours.every((segment, index) => {
      const other = theirs[index];
      return other !== undefined && canMatchTheSame(segment, other);
    })
  );
}

function canMatchTheSame(first: Segment, second: Segment): boolean {
  if (first.kind === 'variable' || second.kind === 'variable') return true;
  return first.text === second.text;
}

function endpointJson({ comment = null, definition, methods, name, url }: RestEndpointMetadata): JsonObject {
  return { comment, definition: { query: { ...definition.query } }, methods: [...methods], name, url };
}

function idOf({ name }: RestEndpointMetadata): MetadataObjectId {
  return { kind: 'other', type: 'rest_endpoint', name };
}
