import { JsonNumber, Path, RequestError } from '../support/index.ts';

/** Where an error is told: in GraphQL's list, or as one flat object. */
export type ErrorShape = 'graphql' | 'flat';

/** The JSON text of an error. Source: spec/server.md 3.1; keys in the order shown there. */
export function errorBody(error: RequestError, shape: ErrorShape, showsInternal: boolean): string {
  return shape === 'graphql'
    ? `{"errors":[${graphqlError(error, showsInternal)}]}`
    : flatError(error, showsInternal);
}

/** `{"message","extensions":{"path","code"}}` */
export function graphqlError(error: RequestError, showsInternal: boolean): string {
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
