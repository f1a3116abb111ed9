import { compareText, duplicates } from './codec/index.ts';
import type { Metadata, RestEndpointMetadata } from './types.ts';

export interface RestEndpointFault {
  readonly reason: string;
  /** Names of the endpoints at fault. */
  readonly endpoints: readonly string[];
}

/** What is wrong with the REST endpoints, as far as their declarations show. Source: spec/metadata-api.md 3.8, 4.1. */
export function restEndpointFaults(metadata: Metadata): RestEndpointFault[] {
  const endpoints = metadata.rest_endpoints ?? [];
  return [
    ...endpoints.flatMap((endpoint) => {
      const reason = faultOf(endpoint, metadata);
      return reason === null ? [] : [{ reason, endpoints: [endpoint.name] }];
    }),
    ...ambiguousPaths(endpoints),
  ];
}

/** `:name` is a variable, anything else a literal; a slash at the beginning says nothing. */
function segmentsOf({ url }: RestEndpointMetadata): readonly string[] {
  return url.replace(/^\//, '').split('/');
}

function isVariable(segment: string): boolean {
  return segment.startsWith(':');
}

function faultOf(endpoint: RestEndpointMetadata, metadata: Metadata): string | null {
  const segments = segmentsOf(endpoint);
  if (segments.some((segment) => segment === '' || segment === ':')) {
    return `Empty segments or unnamed variables are not allowed: ${endpoint.url}`;
  }
  if (duplicates(segments.filter(isVariable)).length > 0) {
    return `Duplicate variables found in endpoint path: ${endpoint.url}`;
  }
  const { collection_name: collectionName, query_name: queryName } = endpoint.definition.query;
  const collection = metadata.query_collections?.find(({ name }) => name === collectionName);
  const prefix = `Inconsistent object: in endpoint ${endpoint.name}: `;
  if (collection === undefined) return `${prefix}collection with name ${collectionName} does not exist`;
  return collection.definition.queries.some(({ name }) => name === queryName)
    ? null
    : `${prefix}query with name ${queryName} does not exist in collection ${collectionName}`;
}

/** Groups of endpoints that are chained by paths which one request could match both of. */
function ambiguousPaths(endpoints: readonly RestEndpointMetadata[]): RestEndpointFault[] {
  const groups: RestEndpointMetadata[][] = [];
  for (const endpoint of endpoints) {
    const touching = groups.filter((group) => group.some((other) => areAmbiguous(endpoint, other)));
    const apart = groups.filter((group) => !touching.includes(group));
    groups.splice(0, groups.length, ...apart, [...touching.flat(), endpoint]);
  }
  return groups
    .filter((group) => group.length > 1)
    .map((group) => ({
      reason: `Ambiguous URL paths: ${group
        .map(({ url }) => url)
        .sort(compareText)
        .join(', ')}`,
      endpoints: group.map(({ name }) => name),
    }));
}

function areAmbiguous(first: RestEndpointMetadata, second: RestEndpointMetadata): boolean {
  if (!first.methods.some((method) => second.methods.includes(method))) return false;
  const [ours, theirs] = [segmentsOf(first), segmentsOf(second)];
  return (
    ours.length === theirs.length &&
    ours.every((segment, index) => {
      const other = theirs[index] ?? '';
      return segment === other || isVariable(segment) || isVariable(other);
    })
  );
}
