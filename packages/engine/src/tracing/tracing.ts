import { setTimeout } from 'node:timers/promises';
import type { OpenTelemetryConfiguration } from '../metadata/index.ts';
import type { Environment } from '../webhooks/index.ts';
import { type OpenTracer, openTracer } from './open-tracer.ts';
import { readTracingSettings } from './read-settings.ts';
import type { SpanEvents, Tracer, TracingSettings } from './types.ts';

export interface TracingOptions {
  readonly environment: Environment;
  /** Whether the collector may be at the address. */
  readonly allowsAddress: (address: string) => boolean;
  /** Whether spans have the text of statements, which holds no values. */
  readonly keepsSql: boolean;
  readonly events: Omit<SpanEvents, 'onDropped'> & {
    readonly onDropped: (reason: 'buffer_full' | 'send_failed', count: number) => void;
  };
  /** Told what the operator should know, once for each time that it begins or ends. */
  readonly log: (level: 'info' | 'warn', message: string, error: string | null) => void;
}

/** The tracer in force: none, or that of the configuration given last. */
export class Tracing {
  readonly #options: TracingOptions;
  #configured = 'null';
  #open: OpenTracer | null = null;
  #changes: Promise<void> = Promise.resolve();
  /** Tracers of earlier configurations that are still sending. */
  readonly #closing = new Set<Promise<void>>();

  constructor(options: TracingOptions) {
    this.#options = options;
  }

  /** Null when nobody traces. */
  get current(): Tracer | null {
    return this.#open;
  }

  /** Puts a configuration in force; resolves when it is. Never rejects: what cannot be used is logged, and nothing is traced. */
  configure(configuration: OpenTelemetryConfiguration | undefined): Promise<void> {
    this.#changes = this.#changes.then(() => this.#change(configuration));
    return this.#changes;
  }

  /** Sends what waits, at most until the deadline. */
  async close(deadlineMs: number): Promise<void> {
    const sent = this.configure(undefined).then(() => Promise.all(this.#closing));
    const deadline = new AbortController();
    await Promise.race([
      sent,
      setTimeout(deadlineMs, undefined, { signal: deadline.signal }).catch(() => {}),
    ]);
    deadline.abort();
  }

  async #change(configuration: OpenTelemetryConfiguration | undefined): Promise<void> {
    const settings = this.#read(configuration);
    const text = JSON.stringify(settings);
    if (text === this.#configured) return;
    this.#configured = text;
    const before = this.#open;
    this.#open = null;
    // requests in flight end their spans in vain then, but a change is rare
    if (before !== null) {
      const closed = before.close().then(() => {
        this.#closing.delete(closed);
        this.#options.log('info', 'an export of traces has ended', null);
      });
      this.#closing.add(closed);
    }
    if (settings !== null) this.#open = await this.#start(settings);
  }

  #read(configuration: OpenTelemetryConfiguration | undefined): TracingSettings | null {
    try {
      return readTracingSettings(configuration, this.#options.environment);
    } catch (error) {
      this.#options.log('warn', 'traces are not exported: the configuration cannot be used', textOf(error));
      return null;
    }
  }

  async #start(settings: TracingSettings): Promise<OpenTracer | null> {
    const { allowsAddress, keepsSql, events, log } = this.#options;
    let isFailing = false;
    try {
      const tracer = await openTracer(settings, {
        allowsAddress,
        keepsSql,
        events: {
          onSent: (count) => {
            events.onSent(count);
            if (isFailing) log('info', 'the collector takes traces again', null);
            isFailing = false;
          },
          onDropped: (reason, count, detail) => {
            events.onDropped(reason, count);
            if (!isFailing) log('warn', `traces are lost: ${reason}`, detail);
            isFailing = true;
          },
        },
      });
      log('info', 'traces are exported', null);
      return tracer;
    } catch (error) {
      log('warn', 'traces are not exported', textOf(error));
      return null;
    }
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
