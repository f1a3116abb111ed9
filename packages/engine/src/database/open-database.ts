import { Holds } from './holds.ts';
import { Listener } from './listener.ts';
import { Pool } from './pool.ts';
import { type RequestSink, requestBatch, requestBytes, requestList, requestRows } from './requests.ts';
import { connectionSettings, type PoolSettings, poolSettings } from './settings.ts';
import { runTransaction, withLease } from './transaction.ts';
import type {
  BatchResult,
  Bytes,
  Connection,
  Database,
  DatabaseOptions,
  LargeQuery,
  Query,
  QueryOptions,
  Row,
  ScriptResult,
  TransactionOptions,
} from './types.ts';
import type { Request } from './wire/request.ts';

const DEFAULT_CLOSE_DEADLINE_MS = 10_000;

/**
 * The database behind a URL. Nothing is connected before the first use. Throws a `DatabaseConnectionError` when the URL or the
 * certificates cannot be read.
 */
export function openDatabase(options: DatabaseOptions): Database {
  return new PooledDatabase(options);
}

class PooledDatabase implements Database, RequestSink {
  readonly isRepeatable = true;
  readonly usePreparedStatements: boolean;
  readonly #settings: PoolSettings;
  readonly #pool: Pool;
  readonly #listener: Listener;
  readonly #holds = new Holds();

  constructor(options: DatabaseOptions) {
    const settings = connectionSettings(options);
    this.#settings = poolSettings(options);
    this.usePreparedStatements = this.#settings.usePreparedStatements;
    this.#pool = new Pool(settings, this.#settings, options.observer ?? null);
    this.#listener = new Listener(settings);
  }

  queryBytes(query: Query, options?: QueryOptions): Promise<readonly (Bytes | null)[]> {
    return requestBytes(this, query, options);
  }

  queryList(query: Query, options?: QueryOptions): Promise<readonly (readonly (Bytes | null)[])[]> {
    return requestList(this, query, options);
  }

  queryRows(query: Query | LargeQuery, options?: QueryOptions): Promise<readonly Row[]> {
    return requestRows(this, query, options);
  }

  batch(queries: readonly Query[], options?: QueryOptions): Promise<BatchResult> {
    // The transaction that a Sync ends has the server's own isolation level; another one takes a BEGIN.
    if (this.#settings.isolation === 'read-committed') return requestBatch(this, queries, options);
    return this.transaction({}, (connection) => connection.batch(queries, options));
  }

  script(sql: string, options?: { readonly signal?: AbortSignal }): Promise<ScriptResult> {
    return withLease(
      this.#pool,
      this.#settings,
      (connection) => connection.script(sql, options),
      options?.signal,
    );
  }

  transaction<T>(options: TransactionOptions, body: (connection: Connection) => Promise<T>): Promise<T> {
    return runTransaction(this.#pool, this.#settings, options, body);
  }

  listen(...args: Parameters<Database['listen']>): ReturnType<Database['listen']> {
    return this.#listener.listen(...args);
  }

  stats(): { readonly connections: number; readonly idle: number; readonly waiting: number } {
    return this.#pool.stats();
  }

  hold(): () => void {
    return this.#holds.take();
  }

  async close(options?: { readonly deadlineMs?: number }): Promise<void> {
    this.#listener.close();
    const deadlineMs = options?.deadlineMs ?? DEFAULT_CLOSE_DEADLINE_MS;
    const start = performance.now();
    await this.#holds.released(deadlineMs);
    await this.#pool.close(Math.max(0, deadlineMs - (performance.now() - start)));
  }

  submit(request: Request): void {
    this.#pool.submit(request);
  }

  abort(request: Request, reason: unknown): void {
    this.#pool.abort(request, reason);
  }
}
