import type { Span } from '../support/index.ts';

/** Names of HTTP headers and their values in turn. */
export type RawHeaders = readonly string[];

export interface Tracer {
  /** Begins the work for a request, in the trace that the request's headers belong to or in a new one. */
  begin(name: string, headers: RawHeaders): Span;
}

export interface TracingSettings {
  /** Of the collector, for traces. */
  readonly url: string;
  readonly protocol: 'http/protobuf' | 'http/json';
  readonly headers: Readonly<Record<string, string>>;
  readonly resource: Readonly<Record<string, string>>;
  readonly batchSize: number;
  /** Whether `traceparent` is read and written; B3 always is. */
  readonly usesTraceContext: boolean;
}

/** Told of what becomes of spans. */
export interface SpanEvents {
  onSent(count: number): void;
  onDropped(reason: 'buffer_full' | 'send_failed', count: number, detail: string | null): void;
}
