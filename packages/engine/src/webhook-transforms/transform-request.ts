import { type Json, stringifyJson } from '../support/index.ts';
import { basicFunctions, type Scope, sessionFunctions } from './kriti/index.ts';
import { parseQuery, type QueryPairs, queryOf, withQuery } from './query-string.ts';
import { fillBody, fillText } from './templates.ts';
import { ErrorBundle, unusableResult } from './transform-error.ts';
import type {
  HeaderPairs,
  RequestContext,
  RequestTransform,
  TextTemplate,
  TransformedRequest,
} from './types.ts';

/**
 * The request that is sent instead. All templates see the original one. Source: spec/actions.md 11.3.
 * @throws TransformError with everything that failed
 */
export function transformRequest(
  transform: RequestTransform,
  request: TransformedRequest,
  context: RequestContext,
): TransformedRequest {
  const scope = requestScope(context);
  const bundle = new ErrorBundle();
  const template = transform.url;
  const url = template === null ? request.url : bundle.attempt(() => fillUrl(template, scope));
  const query = bundle.attempt(() => fillQuery(transform.queryParameters, scope));
  const body = transform.body;
  const transformed = {
    method: transform.method ?? request.method,
    body: body === null ? request.body : bundle.attempt(() => fillBody(body, scope)),
    headers: fillHeaders(transform.headers, request.headers, scope, bundle),
  };
  bundle.finish();
  // null only when it failed, which has been thrown
  const written = url as string;
  return { ...transformed, url: query === null ? written : withQuery(written, query) };
}

/** What templates of requests see. Source: spec/actions.md 11.4. */
function requestScope(context: RequestContext): Scope {
  return {
    variables: new Map<string, Json>([
      ['$body', context.body],
      ['$base_url', context.baseUrl],
      ['$session_variables', Object.fromEntries(context.sessionVariables)],
      ['$query_params', queryOf(context.baseUrl)],
    ]),
    functions: new Map([...basicFunctions, ...sessionFunctions(context.sessionVariables)]),
  };
}

function fillUrl(template: TextTemplate, scope: Scope): string {
  const url = fillText(template, scope);
  if (!uri.test(url) || !URL.canParse(url)) throw unusableResult(`Invalid URL: ${url}`, url);
  return url;
}

/** The characters of RFC 3986; others have to be encoded, which `escapeUri` does. */
const uri = /^(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*$/;

/** Null: the query stays. Pairs whose key or value renders to `null` are left out. */
function fillQuery(parameters: RequestTransform['queryParameters'], scope: Scope): QueryPairs | null {
  if (parameters === null) return null;
  if (parameters.kind === 'text') return parseQuery(fillText(parameters.template, scope));
  return parameters.pairs
    .map(([key, value]) => [fillText(key, scope), value === null ? null : fillText(value, scope)] as const)
    .filter(([key, value]) => key !== 'null' && value !== 'null');
}

/** Removals first; what is added does not replace what is left. */
function fillHeaders(
  transform: RequestTransform['headers'],
  headers: HeaderPairs,
  scope: Scope,
  bundle: ErrorBundle,
): HeaderPairs {
  if (transform === null) return headers;
  const added = transform.added.flatMap(([name, template]) => {
    const value = bundle.attempt(() => fillText(template, scope));
    // headers carry UTF-8, one byte per character
    return value === null ? [] : [[name, Buffer.from(value, 'utf8').toString('latin1')] as const];
  });
  return [...headers.filter(([name]) => !transform.removed.has(name.toLowerCase())), ...added];
}

/** The body as it goes over the wire. */
export function bodyText(body: TransformedRequest['body']): string | null {
  if (body === null) return null;
  return body.kind === 'text' ? body.text : stringifyJson(body.value);
}
