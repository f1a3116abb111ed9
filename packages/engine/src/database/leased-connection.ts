import { InvariantError } from '../support/index.ts';
import {
  type RequestSink,
  requestBatch,
  requestBytes,
  requestList,
  requestRows,
  requestScript,
} from './requests.ts';
import type {
  BatchResult,
  Bytes,
  Connection,
  LargeQuery,
  Query,
  QueryOptions,
  Row,
  ScriptResult,
} from './types.ts';
import type { Request } from './wire/request.ts';
import type { WireConnection } from './wire/wire-connection.ts';

/** One connection as its only user sees it; it refuses to work once it was given back. */
export class LeasedConnection implements Connection, RequestSink {
  readonly isRepeatable = false;
  readonly usePreparedStatements: boolean;
  readonly #connection: WireConnection;
  #isEnded = false;
  /** Scripts may leave settings, temporary tables and locks behind. */
  hasRunScript = false;

  constructor(connection: WireConnection, usePreparedStatements: boolean) {
    this.#connection = connection;
    this.usePreparedStatements = usePreparedStatements;
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
    return requestBatch(this, queries, options);
  }

  script(sql: string, options?: { readonly signal?: AbortSignal }): Promise<ScriptResult> {
    this.hasRunScript = true;
    return requestScript(this, sql, options?.signal);
  }

  /** A command of the driver itself. */
  command(sql: string): Promise<ScriptResult> {
    return requestScript(this, sql, undefined);
  }

  end(): void {
    this.#isEnded = true;
  }

  submit(request: Request): void {
    if (this.#isEnded)
      request.reject(new InvariantError('the connection was used after its transaction had ended'));
    else this.#connection.send(request);
  }

  abort(request: Request, reason: unknown): void {
    this.#connection.abort(request);
    request.reject(reason);
  }
}
