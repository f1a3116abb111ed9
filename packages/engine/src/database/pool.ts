import type { ConnectionSettings, PoolSettings } from './settings.ts';
import { StatementSpeeds } from './statement-speeds.ts';
import { DatabaseConnectionError, type DatabaseObserver } from './types.ts';
import { type Waiter, WaitingLine } from './waiting-line.ts';
import { connect } from './wire/connect.ts';
import type { Request } from './wire/request.ts';
import type { ConnectionOwner, WireConnection } from './wire/wire-connection.ts';

/** Requests on their way on one shared connection. */
const MAX_PIPELINE = 16;
/** With more than this on the least busy connection another one is opened. */
const DEPTH_TO_GROW = 2;
/** A request that has run for longer keeps others off its connection. */
const STALLED_MS = 10;
/** So many connections are at work before quick statements are sent behind others, at most so deep, and not behind one that takes this long. */
const QUICK_CONNECTIONS = 2;
const QUICK_PIPELINE = 8;
const QUICK_STALLED_MS = 2;
const MAX_CONNECTING = 4;
const MAX_WAITING = 10_000;
const FIRST_BACKOFF_MS = 50;
const MAX_BACKOFF_MS = 1_000;
/** Connections of one age shall not all be renewed in the same moment. */
const LIFETIME_JITTER = 0.1;
const MAX_SWEEP_MS = 30_000;
const MIN_SWEEP_MS = 20;

/** Refusals that trying again does not mend: wrong password or user (class 28), no such database (3D). */
const FINAL_REFUSALS = /^(?:28|3D)/;

/**
 * The connections to one database. Short statements share connections (they are sent ahead, answers come in order); a slow or unknown
 * one gets a connection on which nothing waits behind it; a lease (transaction, script) owns its connection. What finds no room waits in one line,
 * first come first served. Connections are opened when something waits or the shared ones fill up.
 */
export class Pool implements ConnectionOwner {
  readonly #connectionSettings: ConnectionSettings;
  readonly #settings: PoolSettings;
  readonly #observer: DatabaseObserver | null;
  readonly #connections: WireConnection[] = [];
  /** Connections with nothing to do, the most recently used one last. */
  readonly #parked: WireConnection[] = [];
  readonly #line: WaitingLine;
  readonly #speeds = new StatementSpeeds();
  #connecting = 0;
  /** Failed attempts since the last success. */
  #failures = 0;
  #retryAt = 0;
  #retryTimer: NodeJS.Timeout | null = null;
  #sweepTimer: NodeJS.Timeout | null = null;
  #isClosing = false;
  #onDrained: (() => void) | null = null;

  constructor(
    connectionSettings: ConnectionSettings,
    settings: PoolSettings,
    observer: DatabaseObserver | null = null,
  ) {
    this.#connectionSettings = connectionSettings;
    this.#settings = settings;
    this.#observer = observer;
    this.#line = new WaitingLine(MAX_WAITING, settings.poolTimeoutMs, observer);
  }

  stats(): { readonly connections: number; readonly idle: number; readonly waiting: number } {
    return { connections: this.#connections.length, idle: this.#parked.length, waiting: this.#line.length };
  }

  /** Sends the request as soon as there is room; it settles its own promise. */
  submit(request: Request): void {
    if (this.#isClosing) {
      request.reject(closing());
      return;
    }
    request.isSlow = this.#speeds.isSlow(request.knownAs);
    request.isQuick = this.#speeds.isQuick(request.knownAs);
    if (this.#line.isEmpty && this.#place(request)) return;
    if (this.#line.add({ request, lease: null, reject: request.reject })) this.#grow();
  }

  /** Aborts a request wherever it is; its promise rejects with `reason`. */
  abort(request: Request, reason: unknown): void {
    if (request.connection === null) this.#line.remove((waiter) => waiter.request === request);
    else request.connection.abort(request);
    request.reject(reason);
  }

  /** A connection for the caller alone, until it is given to `release`. */
  lease(signal?: AbortSignal): Promise<WireConnection> {
    return new Promise((resolve, reject) => {
      if (this.#isClosing) return reject(closing());
      if (signal?.aborted) return reject(signal.reason);
      if (this.#line.isEmpty) {
        const connection = this.#unpark();
        if (connection !== null) {
          connection.owned.isLeased = true;
          return resolve(connection);
        }
      }
      const waiter: Waiter = { request: null, lease: resolve, reject };
      if (!this.#line.add(waiter)) return;
      this.#grow();
      if (signal === undefined) return;
      const onAbort = (): void => {
        if (this.#line.remove((other) => other === waiter)) reject(signal.reason);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      waiter.onLeave = () => signal.removeEventListener('abort', onAbort);
    });
  }

  release(connection: WireConnection): void {
    connection.owned.isLeased = false;
    if (connection.isClosed) return;
    if (connection.inFlight > 0 || connection.isInTransaction) {
      connection.destroy(
        new DatabaseConnectionError('the connection was given back in the middle of its work'),
      );
      return;
    }
    if (this.#isClosing || connection.owned.expiresAt <= performance.now())
      connection.owned.isDraining = true;
    this.onProgress(connection, null, 0);
  }

  close(deadlineMs: number): Promise<void> {
    this.#isClosing = true;
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer);
    this.#line.rejectAll(closing());
    for (const connection of [...this.#connections]) {
      if (connection.isIdle && !connection.owned.isLeased) connection.end();
      else connection.owned.isDraining = true;
    }
    if (this.#isDrained()) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        for (const connection of [...this.#connections]) connection.destroy(closing());
      }, deadlineMs);
      this.#onDrained = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  onProgress(connection: WireConnection, request: Request | null, elapsedMs: number): void {
    if (request !== null && request.kind !== 'script') this.#speeds.record(request.knownAs, elapsedMs);
    const { owned } = connection;
    if (owned.isLeased || connection.isClosed) return;
    if (owned.isDraining) {
      if (connection.inFlight === 0) connection.end();
      return;
    }
    if (connection.inFlight === 0 && connection.isInTransaction) {
      connection.destroy(new DatabaseConnectionError('a statement left a transaction open'));
      return;
    }
    if (!this.#line.isEmpty) this.#serve(connection);
    if (!owned.isParked && !owned.isLeased && connection.isIdle) this.#park(connection);
  }

  onRepeat(request: Request): void {
    request.reset();
    request.attempts += 1;
    this.submit(request);
  }

  onClose(connection: WireConnection): void {
    removeFrom(this.#connections, connection);
    if (connection.owned.isParked) removeFrom(this.#parked, connection);
    connection.owned.isParked = false;
    if (this.#connections.length === 0 && this.#sweepTimer !== null) {
      clearInterval(this.#sweepTimer);
      this.#sweepTimer = null;
    }
    if (this.#isClosing) {
      if (this.#isDrained()) this.#onDrained?.();
    } else if (!this.#line.isEmpty) {
      this.#grow();
    }
  }

  onNotification(): void {
    // Nobody listens on a pooled connection.
  }

  /** Sends the request now, if a connection has room for it. */
  #place(request: Request): boolean {
    if (request.isQuick && this.#placeBehindOthers(request)) return true;
    const idle = this.#unpark();
    if (idle !== null) {
      idle.send(request);
      return true;
    }
    if (request.isSlow) return false;
    let best: WireConnection | null = null;
    for (const connection of this.#connections) {
      if (connection.inFlight < (best?.inFlight ?? MAX_PIPELINE) && isShareable(connection))
        best = connection;
    }
    if (best === null || best.runningForMs(performance.now()) > STALLED_MS) return false;
    best.send(request);
    if (best.inFlight > DEPTH_TO_GROW) this.#grow();
    return true;
  }

  /**
   * Quick statements fill few connections before they take more: what is written in one turn of the event loop leaves in one write, and
   * PostgreSQL's processes take turns less often.
   */
  #placeBehindOthers(request: Request): boolean {
    if (this.#connections.length - this.#parked.length < QUICK_CONNECTIONS) return false;
    let best: WireConnection | null = null;
    for (const connection of this.#connections) {
      const { inFlight } = connection;
      if (inFlight > 0 && inFlight < (best?.inFlight ?? QUICK_PIPELINE) && isShareable(connection))
        best = connection;
    }
    if (best === null || best.runningForMs(performance.now()) > QUICK_STALLED_MS) return false;
    best.send(request);
    return true;
  }

  /** Gives the connection to those who wait. */
  #serve(connection: WireConnection): void {
    for (;;) {
      const waiter = this.#line.first();
      if (waiter === null) return;
      if (waiter.request === null) {
        if (!connection.isIdle) return;
        this.#line.shift();
        connection.owned.isLeased = true;
        waiter.lease?.(connection);
        return;
      }
      const { request } = waiter;
      const hasRoom =
        connection.isIdle ||
        (!request.isSlow && connection.inFlight < MAX_PIPELINE && isShareable(connection));
      if (!hasRoom) return;
      this.#line.shift();
      connection.send(request);
    }
  }

  #park(connection: WireConnection): void {
    connection.owned.isParked = true;
    connection.owned.idleSince = performance.now();
    this.#parked.push(connection);
  }

  #unpark(): WireConnection | null {
    const connection = this.#parked.pop();
    if (connection === undefined) return null;
    connection.owned.isParked = false;
    return connection;
  }

  /** Opens one more connection, if that is allowed and called for. */
  #grow(): void {
    if (this.#isClosing || this.#connections.length + this.#connecting >= this.#settings.maxConnections)
      return;
    // While the server refuses, one attempt at a time is enough.
    if (
      this.#connecting >= (this.#failures > 0 ? 1 : Math.min(MAX_CONNECTING, Math.max(1, this.#line.length)))
    )
      return;
    const waitMs = this.#retryAt - performance.now();
    if (waitMs > 0) {
      this.#retryTimer ??= setTimeout(() => {
        this.#retryTimer = null;
        if (!this.#line.isEmpty) this.#grow();
      }, waitMs);
      return;
    }
    this.#connecting += 1;
    const startedAt = performance.now();
    void connect(this.#connectionSettings, this).then(
      (connection) => {
        this.#observer?.onConnected(performance.now() - startedAt);
        this.#onConnected(connection);
      },
      (error: DatabaseConnectionError) => this.#onConnectFailed(error),
    );
  }

  #onConnected(connection: WireConnection): void {
    this.#connecting -= 1;
    this.#failures = 0;
    this.#retryAt = 0;
    if (connection.isClosed) {
      if (this.#isClosing && this.#isDrained()) this.#onDrained?.();
      if (!this.#line.isEmpty) this.#grow();
      return;
    }
    this.#connections.push(connection);
    if (this.#isClosing) {
      connection.end();
      return;
    }
    const { connectionLifetimeMs } = this.#settings;
    if (connectionLifetimeMs > 0) {
      connection.owned.expiresAt =
        performance.now() + connectionLifetimeMs * (1 - Math.random() * LIFETIME_JITTER);
    }
    this.#startSweeping();
    this.onProgress(connection, null, 0);
    if (!this.#line.isEmpty) this.#grow();
  }

  #onConnectFailed(error: DatabaseConnectionError): void {
    this.#observer?.onConnectionFailed();
    this.#connecting -= 1;
    this.#retryAt = performance.now() + Math.min(FIRST_BACKOFF_MS * 2 ** this.#failures, MAX_BACKOFF_MS);
    if (this.#isClosing) {
      if (this.#isDrained()) this.#onDrained?.();
      return;
    }
    // Attempts made at the same time count as one, and the last of them decides: another one may still succeed.
    if (this.#connecting > 0) return;
    this.#failures += 1;
    // Those who wait are served by the connections that there are, if any: the server may just have no more to give (53300).
    const isHopeless = this.#failures > this.#settings.retries || FINAL_REFUSALS.test(error.sqlState ?? '');
    if (isHopeless && this.#connections.length === 0) this.#line.rejectAll(error);
    if (!this.#line.isEmpty) this.#grow();
  }

  #isDrained(): boolean {
    return this.#connections.length === 0 && this.#connecting === 0;
  }

  #startSweeping(): void {
    if (this.#sweepTimer !== null) return;
    const { idleTimeoutMs, connectionLifetimeMs } = this.#settings;
    const shortest = Math.min(
      idleTimeoutMs || MAX_SWEEP_MS,
      connectionLifetimeMs || MAX_SWEEP_MS,
      MAX_SWEEP_MS,
    );
    this.#sweepTimer = setInterval(() => this.#sweep(), Math.max(shortest / 4, MIN_SWEEP_MS));
    this.#sweepTimer.unref();
  }

  /** Ends connections that are idle or alive for too long; busy ones end when they are done. */
  #sweep(): void {
    const now = performance.now();
    const { idleTimeoutMs } = this.#settings;
    for (const connection of [...this.#connections]) {
      const { owned } = connection;
      const isExpired = owned.expiresAt <= now;
      if (owned.isParked && (isExpired || (idleTimeoutMs > 0 && now - owned.idleSince >= idleTimeoutMs)))
        connection.end();
      else if (isExpired && !owned.isLeased) owned.isDraining = true;
    }
  }
}

/** Others may be sent behind what is on its way there. */
function isShareable(connection: WireConnection): boolean {
  return connection.slowInFlight === 0 && !connection.owned.isLeased && !connection.owned.isDraining;
}

function removeFrom(list: WireConnection[], connection: WireConnection): void {
  const index = list.indexOf(connection);
  if (index !== -1) list.splice(index, 1);
}

function closing(): DatabaseConnectionError {
  return new DatabaseConnectionError('the database connections are being closed');
}
