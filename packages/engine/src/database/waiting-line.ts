import { DatabaseConnectionError, type DatabaseObserver } from './types.ts';
import type { Request } from './wire/request.ts';
import type { WireConnection } from './wire/wire-connection.ts';

/** Either a request that waits to be sent, or someone who waits for a connection of his own. */
export interface Waiter {
  readonly request: Request | null;
  readonly lease: ((connection: WireConnection) => void) | null;
  readonly reject: (error: unknown) => void;
  /** Called when it leaves the line, whatever the reason. */
  onLeave?: () => void;
}

interface Entry {
  readonly waiter: Waiter;
  readonly timer: NodeJS.Timeout | null;
  /** 0 when nobody wants to know. */
  readonly arrivedAt: number;
}

/** The line before the pool: first come first served, bounded in length and, if set, in time. */
export class WaitingLine {
  readonly #maxLength: number;
  readonly #timeoutMs: number | null;
  readonly #observer: Pick<DatabaseObserver, 'onWaited'> | null;
  /** In order of arrival. */
  readonly #entries = new Set<Entry>();

  constructor(
    maxLength: number,
    timeoutMs: number | null,
    observer: Pick<DatabaseObserver, 'onWaited'> | null = null,
  ) {
    this.#maxLength = maxLength;
    this.#timeoutMs = timeoutMs;
    this.#observer = observer;
  }

  get length(): number {
    return this.#entries.size;
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  /** False, and the waiter is rejected, when the line is full. */
  add(waiter: Waiter): boolean {
    if (this.#entries.size >= this.#maxLength) {
      waiter.reject(
        new DatabaseConnectionError('too many requests wait for a database connection', { isBusy: true }),
      );
      return false;
    }
    const entry: Entry = {
      waiter,
      timer: this.#timeoutMs === null ? null : setTimeout(() => this.#expire(entry), this.#timeoutMs),
      arrivedAt: this.#observer === null ? 0 : performance.now(),
    };
    this.#entries.add(entry);
    return true;
  }

  first(): Waiter | null {
    for (const entry of this.#entries) return entry.waiter;
    return null;
  }

  /** The first of the line is served. */
  shift(): void {
    for (const entry of this.#entries) {
      this.#leave(entry);
      this.#observer?.onWaited(performance.now() - entry.arrivedAt);
      return;
    }
  }

  /** Takes one waiter out without telling it. */
  remove(matches: (waiter: Waiter) => boolean): boolean {
    for (const entry of this.#entries) {
      if (!matches(entry.waiter)) continue;
      this.#leave(entry);
      return true;
    }
    return false;
  }

  rejectAll(error: DatabaseConnectionError): void {
    for (const entry of [...this.#entries]) {
      this.#leave(entry);
      entry.waiter.reject(error);
    }
  }

  #expire(entry: Entry): void {
    this.#leave(entry);
    entry.waiter.reject(
      new DatabaseConnectionError('connection acquisition timeout expired', { isBusy: true }),
    );
  }

  #leave(entry: Entry): void {
    this.#entries.delete(entry);
    if (entry.timer !== null) clearTimeout(entry.timer);
    entry.waiter.onLeave?.();
  }
}
