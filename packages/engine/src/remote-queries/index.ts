/**
 * Root fields of remote schemas, asked and answered. In: planned fields with their arguments, a session. Out: the values as the client selected them.
 * Promise: a service is asked for nothing but what the role's schema has, with the role's presets, and its errors reach the client as they are.
 */
export { createRemoteSchemaExecutor, headersFor, type RemoteQueryOptions } from './executor.ts';
export { createRemoteFieldJoiner } from './joiner.ts';
export type { PrintOptions } from './inputs.ts';
export { makeOperation } from './operation.ts';
export { readData, readField } from './read-answer.ts';
export type { SentField, SentOperation } from './sent.ts';
export type { SentVariable, VariableValues } from './variables.ts';
