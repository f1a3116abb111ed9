import { writeSync } from 'node:fs';
import type { Span } from '../../support/index.ts';
import { logTypes } from '../configuration/index.ts';

/** The trace that a line belongs to. */
export type TracePlace = Pick<Span, 'traceId' | 'spanId'>;

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

const order: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** Types that `--enabled-log-types` chooses among; all others are always written. */
const selectable: ReadonlySet<string> = new Set(logTypes);

/** Lines wait this long for company, so that a busy server writes many with one call. */
const flushDelayMs = 20;
/** … or until they fill this. */
const bufferBytes = 64 * 1024;
/** Bytes of UTF-8 for one UTF-16 unit, at most. */
const bytesPerUnit = 3;

/**
 * Writes one JSON object per line: `timestamp`, `level`, `type`, `detail`. Source: spec/server.md 5.1.
 * `write` receives whole lines; the default is standard output.
 */
export class Logger {
  readonly #minimum: number;
  readonly #enabled: ReadonlySet<string>;
  readonly #write: (lines: Buffer) => void;
  /** Lines are copied here at once: kept as strings, they would outlive the requests they tell of, and burden the garbage collector. */
  readonly #buffer = Buffer.allocUnsafeSlow(bufferBytes);
  #used = 0;
  #timer: NodeJS.Timeout | null = null;
  readonly #flushAtExit = () => this.flush();

  constructor(options: {
    readonly level: LogLevel;
    readonly enabledTypes: ReadonlySet<string>;
    readonly write?: (lines: string) => void;
  }) {
    this.#minimum = order[options.level];
    this.#enabled = options.enabledTypes;
    const { write } = options;
    this.#write = write === undefined ? writeToStandardOutput : (lines) => write(lines.toString('utf8'));
    process.on('exit', this.#flushAtExit);
  }

  /** Ask before a costly detail is put together. */
  isEnabled(type: string, level: LogLevel): boolean {
    return order[level] >= this.#minimum && (!selectable.has(type) || this.#enabled.has(type));
  }

  log(type: string, level: LogLevel, detail: unknown, place: TracePlace | null = null): void {
    if (this.isEnabled(type, level)) this.writeDetail(type, level, JSON.stringify(detail), place);
  }

  /** For a detail that is JSON text already; the caller has asked `isEnabled`. */
  writeDetail(type: string, level: LogLevel, detailJson: string, place: TracePlace | null = null): void {
    const trace = place === null ? '' : `,"trace_id":"${place.traceId}","span_id":"${place.spanId}"`;
    const line = `{"detail":${detailJson},"level":"${level}","timestamp":"${timestamp()}","type":"${type}"${trace}}\n`;
    const bound = line.length * bytesPerUnit;
    if (this.#used + bound > bufferBytes) this.flush();
    if (bound > bufferBytes) this.#write(Buffer.from(line));
    else this.#used += this.#buffer.write(line, this.#used);
    if (level === 'error') this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), flushDelayMs).unref();
  }

  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const lines = this.#buffer.subarray(0, this.#used);
    this.#used = 0;
    if (lines.length > 0) this.#write(lines);
  }

  close(): void {
    this.flush();
    process.off('exit', this.#flushAtExit);
  }
}

/** Synchronous for files, pipes and terminals, so that a crash loses nothing; a reader that has gone away is no reason to end. */
function writeToStandardOutput(bytes: Buffer): void {
  let written = 0;
  for (let attempts = 0; written < bytes.length && attempts < 1000; ) {
    try {
      written += writeSync(1, bytes, written);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
      attempts++;
      Atomics.wait(sleepCell, 0, 0, 1);
    }
  }
}

const sleepCell = new Int32Array(new SharedArrayBuffer(4));

let stampedMs = 0;
let stamp = '';

/** `2026-01-15T10:21:33.104+0000` */
function timestamp(): string {
  const now = Date.now();
  if (now !== stampedMs) {
    stampedMs = now;
    stamp = `${new Date(now).toISOString().slice(0, -1)}+0000`;
  }
  return stamp;
}
