import { type CorsPolicy, isAllowedOrigin } from './configuration/index.ts';

const fixedHeaders: readonly string[] = [
  'Access-Control-Allow-Credentials',
  'true',
  'Access-Control-Allow-Methods',
  'GET,POST,PUT,PATCH,DELETE,OPTIONS',
  'Access-Control-Expose-Headers',
  'X-Hasura-Query-Cache-Key,X-Hasura-Query-Family-Cache-Key,Warning',
];

/**
 * Header names and values that tell a browser it may read the answer; none for other origins, which are served all the same.
 * `policy` null: CORS is disabled. Source: spec/server.md 2.4.
 */
export function corsHeaders(policy: CorsPolicy | null, origin: string): readonly string[] {
  if (policy === null || !isAllowedOrigin(policy, origin)) return [];
  return ['Access-Control-Allow-Origin', origin, ...fixedHeaders, 'Vary', 'Origin'];
}

/** The same for a pre-flight request, answered with 204 and no body. */
export function preflightHeaders(
  policy: CorsPolicy | null,
  origin: string,
  requestedHeaders: string,
): readonly string[] {
  const headers = corsHeaders(policy, origin);
  if (headers.length === 0) return headers;
  return [
    ...headers,
    'Access-Control-Max-Age',
    '1728000',
    'Access-Control-Allow-Headers',
    requestedHeaders,
    'Content-Length',
    '0',
    'Content-Type',
    'text/plain charset=UTF-8',
  ];
}
