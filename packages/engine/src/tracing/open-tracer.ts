import type { Span as ApiSpan, Tracer as ApiTracer, Context } from '@opentelemetry/api';
import type { SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { Span } from '../support/index.ts';
import { guardedLookup, readTraceParent, refuseLiteralAddress } from '../webhooks/index.ts';
import { replaceTrace } from './propagation.ts';
import type { RawHeaders, SpanEvents, Tracer, TracingSettings } from './types.ts';

/** Batches that wait at most. Source: spec/server.md 8.2. */
const queuedBatches = 4;
/** Texts in spans are cut here, so that the queue has a bound in bytes, too. */
const longestAttribute = 16 * 1024;
const batchDelayMs = 2_000;
const exportTimeoutMs = 10_000;

export interface OpenTracer extends Tracer {
  /** Sends what waits, within the time of one export. Never rejects. */
  close(): Promise<void>;
}

/**
 * Loads OpenTelemetry's packages and begins to send to the collector.
 * @throws WebhookError when the collector is at an address that is not allowed
 */
export async function openTracer(
  settings: TracingSettings,
  options: {
    readonly allowsAddress: (address: string) => boolean;
    readonly keepsSql: boolean;
    readonly events: SpanEvents;
  },
): Promise<OpenTracer> {
  refuseLiteralAddress(new URL(settings.url), options.allowsAddress);
  const [api, sdk, resources, exporters] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/resources'),
    settings.protocol === 'http/json'
      ? import('@opentelemetry/exporter-trace-otlp-http')
      : import('@opentelemetry/exporter-trace-otlp-proto'),
  ]);
  const exporter = new exporters.OTLPTraceExporter({
    url: settings.url,
    headers: { ...settings.headers },
    timeoutMillis: exportTimeoutMs,
    httpAgentOptions: { keepAlive: true, maxSockets: 4, lookup: guardedLookup(options.allowsAddress) },
  });
  const limit = settings.batchSize * queuedBatches;
  const count = new SpanCount(limit, options.events);
  const provider = new sdk.TracerProvider({
    sampler: new sdk.ParentBasedSampler({ root: new sdk.AlwaysOnSampler() }),
    resource: resources.resourceFromAttributes({ ...settings.resource }),
    spanLimits: { attributeValueLengthLimit: longestAttribute },
    spanProcessors: [
      count.bounded(
        new sdk.BatchSpanProcessor({
          exporter: count.exporting(exporter),
          maxExportBatchSize: settings.batchSize,
          maxQueueSize: limit,
          scheduledDelayMillis: batchDelayMs,
          exportTimeoutMillis: exportTimeoutMs,
        }),
      ),
    ],
  });
  const { usesTraceContext } = settings;
  const tools: SpanTools = {
    api,
    tracer: provider.getTracer('postern'),
    usesTraceContext,
    keepsSql: options.keepsSql,
  };
  return {
    begin(name, headers) {
      const parent = readTraceParent(headers, usesTraceContext);
      const context =
        parent === null
          ? api.ROOT_CONTEXT
          : api.trace.setSpanContext(api.ROOT_CONTEXT, {
              traceId: parent.traceId,
              spanId: parent.spanId,
              traceFlags: parent.isSampled ? api.TraceFlags.SAMPLED : api.TraceFlags.NONE,
              isRemote: true,
              ...(parent.state === null ? {} : { traceState: api.createTraceState(parent.state) }),
            });
      const span = tools.tracer.startSpan(name, { kind: api.SpanKind.SERVER }, context);
      return new TracedSpan(tools, span, parent?.spanId ?? null);
    },
    async close() {
      await provider.shutdown().catch(() => {});
    },
  };
}

interface SpanTools {
  readonly api: typeof import('@opentelemetry/api');
  readonly tracer: ApiTracer;
  readonly usesTraceContext: boolean;
  readonly keepsSql: boolean;
}

class TracedSpan implements Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly #tools: SpanTools;
  readonly #span: ApiSpan;
  readonly #parentSpanId: string | null;
  #context: Context | null = null;

  constructor(tools: SpanTools, span: ApiSpan, parentSpanId: string | null) {
    const { traceId, spanId } = span.spanContext();
    this.traceId = traceId;
    this.spanId = spanId;
    this.#tools = tools;
    this.#span = span;
    this.#parentSpanId = parentSpanId;
  }

  child(name: string, kind: 'internal' | 'client' = 'internal'): Span {
    const { api, tracer } = this.#tools;
    this.#context ??= api.trace.setSpan(api.ROOT_CONTEXT, this.#span);
    const code = kind === 'client' ? api.SpanKind.CLIENT : api.SpanKind.INTERNAL;
    return new TracedSpan(this.#tools, tracer.startSpan(name, { kind: code }, this.#context), this.spanId);
  }

  set(name: string, value: string | number | boolean): void {
    if (name === sqlAttribute && !this.#tools.keepsSql) return;
    this.#span.setAttribute(name, value);
  }

  fail(message: string): void {
    this.#span.setStatus({ code: this.#tools.api.SpanStatusCode.ERROR, message });
  }

  end(): void {
    this.#span.end();
  }

  carriedBy(headers: RawHeaders): RawHeaders {
    const { api, usesTraceContext } = this.#tools;
    const { traceId, spanId, traceFlags, traceState } = this.#span.spanContext();
    return replaceTrace(
      headers,
      {
        traceId,
        spanId,
        parentSpanId: this.#parentSpanId,
        isSampled: (traceFlags & api.TraceFlags.SAMPLED) !== 0,
        state: traceState?.serialize() ?? null,
      },
      usesTraceContext,
    );
  }
}

/** Source: OpenTelemetry's semantic conventions for databases. */
const sqlAttribute = 'db.query.text';

/** Keeps finished spans below the limit, so that the library's queue never overflows, and tells what became of each. */
class SpanCount {
  readonly #limit: number;
  readonly #events: SpanEvents;
  #waiting = 0;

  constructor(limit: number, events: SpanEvents) {
    this.#limit = limit;
    this.#events = events;
  }

  bounded(inner: SpanProcessor): SpanProcessor {
    return {
      onStart() {},
      onEnd: (span) => {
        if (this.#waiting >= this.#limit) {
          this.#events.onDropped('buffer_full', 1, null);
          return;
        }
        this.#waiting++;
        inner.onEnd(span);
      },
      forceFlush: () => inner.forceFlush(),
      shutdown: () => inner.shutdown(),
    };
  }

  exporting(inner: SpanExporter): SpanExporter {
    return {
      export: (spans, done) =>
        inner.export(spans, (result) => {
          this.#waiting -= spans.length;
          // 0: success, as OpenTelemetry's core numbers the outcomes
          if (result.code === 0) this.#events.onSent(spans.length);
          else this.#events.onDropped('send_failed', spans.length, result.error?.message ?? null);
          done(result);
        }),
      shutdown: () => inner.shutdown(),
    };
  }
}
