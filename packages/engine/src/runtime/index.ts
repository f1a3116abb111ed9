/**
 * The running engine without its transports. In: options. Out: a `Runtime` that answers operations, changes metadata and follows other replicas.
 * Promise: one change at a time per process; a change that fails, at whatever step, leaves nothing behind; requests in flight keep the model
 * with which they began.
 */
export { createRuntime } from './create-runtime.ts';
export type * from './types.ts';
