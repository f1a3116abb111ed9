/**
 * Traces. In: what the metadata says about OpenTelemetry, and the headers of requests. Out: spans, which are sent to a collector in batches.
 * Promise: OpenTelemetry's packages are loaded only when traces are wanted; a collector that is slow or away costs neither time nor more than a bounded
 * queue, and what is dropped is counted; a trace that a client began is continued, and other services are told of it.
 * Source: spec/server.md 2.6, 8.2; spec/metadata-api.md 2.5.
 */
export { Tracing, type TracingOptions } from './tracing.ts';
export type * from './types.ts';
