import { JsonNumber, Path, RequestError, stringifyJson } from '../support/index.ts';

/** Where an error is told: in GraphQL's list, or as one flat object. */
export type ErrorShape = 'graphql' | 'flat';

/** The JSON text of an error. Source: spec/server.md 3.1; keys in the order shown there. */
export function errorBody(error: RequestError, shape: ErrorShape, showsInternal: boolean): string {
  if (shape === 'flat') return flatError(error, showsInternal);
  const errors = graphqlErrors(error, showsInternal);
  return error.upstreamErrors === null ? `{"errors":${errors}}` : `{"data":null,"errors":${errors}}`;
}

/** The list of errors: this one, or those of a service as they came. */
export function graphqlErrors(error: RequestError, showsInternal: boolean): string {
  return error.upstreamErrors === null
    ? `[${graphqlError(error, showsInternal)}]`
    : stringifyJson(error.upstreamErrors);
}

/** `{"message","extensions":{"path","code"}}` */
export function graphqlError(error: RequestError, showsInternal: boolean): string {
  if (error.extensions !== undefined) {
    return `{"message":${JSON.stringify(error.message)},"extensions":${stringifyJson(error.extensions)}}`;
  }
  return `{"message":${JSON.stringify(error.message)},"extensions":{"path":${JSON.stringify(error.path.toString())},"code":"${error.code}"${internalMember(error, showsInternal)}}}`;
}

/** `{"error","path","code"}` */
export function flatError(error: RequestError, showsInternal: boolean): string {
  return `{"error":${JSON.stringify(error.message)},"path":${JSON.stringify(error.path.toString())},"code":"${error.code}"${internalMember(error, showsInternal)}}`;
}

function internalMember(error: RequestError, showsInternal: boolean): string {
  if (!showsInternal || error.internal === undefined) return '';
  return `,"internal":${JSON.stringify(error.internal, (_key, value) => (value instanceof JsonNumber ? value.text : value))}`;
}

/** What a caller is told about a fault that is not theirs; the log has the rest. */
export const unexpectedError = new RequestError('unexpected', Path.root, 'Internal Server Error', {
  status: 500,
});

export const notFoundError = new RequestError('not-found', Path.root, 'resource does not exist', {
  status: 404,
});
