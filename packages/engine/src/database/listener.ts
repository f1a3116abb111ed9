import { quoteIdentifier } from './quote-identifier.ts';
import type { ConnectionSettings } from './settings.ts';
import { DatabaseConnectionError } from './types.ts';
import { connect } from './wire/connect.ts';
import { Request } from './wire/request.ts';
import type { ConnectionOwner, WireConnection } from './wire/wire-connection.ts';

const FIRST_BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 5_000;

interface Listening {
  readonly onNotification: (payload: string) => void;
  readonly onGap: () => void;
}

/**
 * One connection for all LISTENs, opened with the first and ended with the last. When it breaks it is renewed with growing pauses;
 * notifications sent in between are lost, which listeners are told as soon as they can look for themselves.
 */
export class Listener implements ConnectionOwner {
  readonly #settings: ConnectionSettings;
  readonly #listeners = new Map<string, Set<Listening>>();
  #connection: WireConnection | null = null;
  #opening: Promise<WireConnection> | null = null;
  #retryTimer: NodeJS.Timeout | null = null;
  #failures = 0;
  #isClosed = false;

  constructor(settings: ConnectionSettings) {
    this.#settings = settings;
  }

  /** Resolves once the server has confirmed; rejects when the first attempt fails. */
  async listen(
    channel: string,
    onNotification: Listening['onNotification'],
    onGap: Listening['onGap'] = () => {},
  ): Promise<() => Promise<void>> {
    if (this.#isClosed) throw new DatabaseConnectionError('the database connections are being closed');
    const own: Listening = { onNotification, onGap };
    const others = this.#listeners.get(channel);
    if (others === undefined) this.#listeners.set(channel, new Set([own]));
    else others.add(own);
    try {
      const connection = await this.#open();
      await run(connection, `listen ${quoteIdentifier(channel)}`);
    } catch (error) {
      await this.#remove(channel, own);
      throw error;
    }
    return () => this.#remove(channel, own);
  }

  close(): void {
    this.#isClosed = true;
    this.#listeners.clear();
    this.#stop();
  }

  onNotification(channel: string, payload: string): void {
    for (const { onNotification } of this.#listeners.get(channel) ?? [])
      queueMicrotask(() => onNotification(payload));
  }

  onProgress(): void {}

  onRepeat(request: Request): void {
    request.reject(new DatabaseConnectionError('a LISTEN is not repeated')); // its requests are not repeatable
  }

  onClose(connection: WireConnection): void {
    if (this.#connection !== connection) return;
    this.#connection = null;
    this.#renewLater();
  }

  #open(): Promise<WireConnection> {
    if (this.#connection !== null) return Promise.resolve(this.#connection);
    this.#opening ??= connect(this.#settings, this)
      .then((connection) => {
        if (connection.isClosed)
          throw new DatabaseConnectionError('server closed the connection unexpectedly');
        if (this.#isClosed) connection.end();
        else this.#connection = connection;
        this.#failures = 0;
        return connection;
      })
      .finally(() => {
        this.#opening = null;
      });
    return this.#opening;
  }

  #renewLater(): void {
    if (this.#isClosed || this.#listeners.size === 0 || this.#retryTimer !== null) return;
    const waitMs = Math.min(FIRST_BACKOFF_MS * 2 ** this.#failures, MAX_BACKOFF_MS);
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = null;
      void this.#renew();
    }, waitMs);
    this.#retryTimer.unref();
  }

  async #renew(): Promise<void> {
    try {
      const connection = await this.#open();
      for (const [channel, listeners] of this.#listeners) {
        await run(connection, `listen ${quoteIdentifier(channel)}`);
        for (const { onGap } of listeners) queueMicrotask(onGap);
      }
      if (this.#listeners.size === 0) this.#stop();
    } catch {
      this.#failures += 1;
      this.#renewLater();
    }
  }

  async #remove(channel: string, listening: Listening): Promise<void> {
    const listeners = this.#listeners.get(channel);
    if (listeners === undefined || !listeners.delete(listening) || listeners.size > 0) return;
    this.#listeners.delete(channel);
    if (this.#listeners.size === 0) this.#stop();
    else if (this.#connection !== null) {
      await run(this.#connection, `unlisten ${quoteIdentifier(channel)}`).catch(() => {}); // a lost connection has forgotten it too
    }
  }

  #stop(): void {
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer);
    this.#retryTimer = null;
    const connection = this.#connection;
    this.#connection = null;
    connection?.end();
  }
}

function run(connection: WireConnection, sql: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    connection.send(new Request('script', sql, [], false, false, resolve, reject));
  });
}
