/**
 * Queries that are stored in the metadata, and what is made of them: collections, allow lists, REST endpoints and their OpenAPI description.
 * In: the metadata, the administrator's schema. Out: what does not fit, who may ask which document, the GraphQL request behind a REST request.
 * Promise: everything is computed from one immutable document; nothing here runs a query.
 */
export { Allowlist, type AllowlistOptions } from './allowlist.ts';
export { inconsistentSavedQueries } from './check-saved-queries.ts';
export { requestSegments } from './rest/endpoint-path.ts';
export { EndpointTable } from './rest/endpoint-table.ts';
export { openapiDocument } from './rest/openapi.ts';
export { type EndpointInput, readVariables } from './rest/read-variables.ts';
