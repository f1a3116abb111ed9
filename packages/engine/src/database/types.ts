/**
 * The driver behind one small interface. All values travel as text: parameters are text (or null) that the SQL casts, results are the text
 * that PostgreSQL prints. Nothing is converted to JavaScript numbers or dates.
 */

/** A value as PostgreSQL sent it, in one or more pieces in order; large values are not joined. */
export type Bytes = readonly Uint8Array[];

/** One statement of the extended protocol; a connection prepares a text once and knows it by that text. */
export interface Query {
  readonly text: string;
  /** `$1`, `$2`, … in text format; null is SQL NULL. */
  readonly parameters: readonly (string | null)[];
}

/** A value for a parameter: text, NULL, or text as UTF-8 in pieces, which are sent as they are and must not change afterwards. */
export type Parameter = string | null | Bytes;

/** A statement with values too large to be put together here. */
export interface LargeQuery {
  readonly text: string;
  readonly parameters: readonly Parameter[];
}

export type BatchResult = readonly (readonly (Bytes | null)[] | null)[];

export type Row = Readonly<Record<string, string | null>>;

export interface ScriptResult {
  /** Column names of the last statement, or null when it returned no rows description (a command). */
  readonly columns: readonly string[] | null;
  /** Rows of the last statement as text. */
  readonly rows: readonly (readonly (string | null)[])[];
  /** Command tag of the last statement, e.g. `INSERT 0 1`. */
  readonly commandTag: string;
}

export interface QueryOptions {
  /** Aborting cancels the running statement in PostgreSQL. */
  readonly signal?: AbortSignal;
  /** False: no named prepared statement (for poolers in transaction mode). Default true. */
  readonly prepare?: boolean;
  /** By what the statement is known, where its text is another one each time: its speed is remembered by this. */
  readonly knownAs?: string;
  /** Called when the operating system has taken over all of the statement, or can no more; not for one that is never sent. */
  readonly onSent?: () => void;
}

/** What can be asked of one connection, and of the pool. */
export interface Connection {
  /** The columns of the first row as bytes; null for SQL NULL. Rejects when there is no row. */
  queryBytes(query: Query, options?: QueryOptions): Promise<readonly (Bytes | null)[]>;
  /** All rows, the columns of each as bytes; null for SQL NULL. */
  queryList(query: Query, options?: QueryOptions): Promise<readonly (readonly (Bytes | null)[])[]>;
  /** All rows, column values as text. */
  queryRows(query: Query | LargeQuery, options?: QueryOptions): Promise<readonly Row[]>;
  /**
   * Several statements in one round trip, in order and in one transaction (of their own, unless one is open): all or nothing. For each one the columns
   * of its first row, null when it has none. Rejects with the error of the first that fails, whose `batchIndex` says which it was.
   */
  batch(queries: readonly Query[], options?: QueryOptions): Promise<BatchResult>;
  /** One or more statements with the simple protocol; the result of the last one. */
  script(sql: string, options?: { readonly signal?: AbortSignal }): Promise<ScriptResult>;
}

/** Statements that only read, wherever they are run. */
export type Reader = Pick<Connection, 'queryBytes' | 'queryList' | 'queryRows'>;

export type IsolationLevel = 'read-committed' | 'repeatable-read' | 'serializable';

export interface TransactionOptions {
  readonly isolation?: IsolationLevel;
  readonly readOnly?: boolean;
}

export interface Database extends Connection {
  /** Runs `body` in a transaction on a connection of its own; commits when it resolves, rolls back when it rejects. */
  transaction<T>(options: TransactionOptions, body: (connection: Connection) => Promise<T>): Promise<T>;
  /**
   * Listens on a channel, over a connection that is renewed when it breaks; resolves to a function that ends it. `onGap`: it has been renewed, and what was
   * sent meanwhile is lost.
   */
  listen(
    channel: string,
    onNotification: (payload: string) => void,
    onGap?: () => void,
  ): Promise<() => Promise<void>>;
  stats(): { readonly connections: number; readonly idle: number; readonly waiting: number };
  /** For work in several steps: until the result is called, closing waits, and more may be run. */
  hold(): () => void;
  /** Ends all connections once what runs is finished and nobody holds it, at most after the deadline. */
  close(options?: { readonly deadlineMs?: number }): Promise<void>;
}

export type SslMode = 'disable' | 'allow' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';

export interface DatabaseOptions {
  /** `postgres://user:password@host:port/database?sslmode=…`; host may be percent-encoded socket directory. */
  readonly url: string;
  readonly maxConnections?: number;
  readonly idleTimeoutMs?: number;
  readonly connectionLifetimeMs?: number;
  /** How long a query waits for a free connection; without it, for ever. */
  readonly poolTimeoutMs?: number;
  /** How long an attempt to connect may take, unless the URL has `connect_timeout`. */
  readonly connectTimeoutMs?: number;
  /** Attempts to connect after the first failed one. */
  readonly retries?: number;
  readonly isolation?: IsolationLevel;
  readonly usePreparedStatements?: boolean;
  readonly ssl?: {
    readonly mode: SslMode;
    readonly rootCertificate?: string;
    readonly certificate?: string;
    readonly key?: string;
    readonly keyPassword?: string;
  };
  readonly applicationName?: string;
  /** Told of connections; nothing that it does may throw. */
  readonly observer?: DatabaseObserver;
}

export interface DatabaseObserver {
  /** A new connection can be used; `elapsedMs` since the attempt began. */
  onConnected(elapsedMs: number): void;
  onConnectionFailed(): void;
  /** What had to wait, a statement or a transaction, has got its connection. */
  onWaited(elapsedMs: number): void;
}

/** PostgreSQL refused a statement. Fields: PostgreSQL manual 55.8. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
  readonly sqlState: string;
  readonly detail: string | null;
  readonly hint: string | null;
  readonly constraint: string | null;
  /** Of a batch: the number of the statement that failed, or of all statements when the commit did; else null. */
  batchIndex: number | null = null;

  constructor(fields: {
    readonly sqlState: string;
    readonly message: string;
    readonly detail?: string | null;
    readonly hint?: string | null;
    readonly constraint?: string | null;
  }) {
    super(fields.message);
    this.sqlState = fields.sqlState;
    this.detail = fields.detail ?? null;
    this.hint = fields.hint ?? null;
    this.constraint = fields.constraint ?? null;
  }
}

/** No connection could be had, or it was lost while the statement ran. `sqlState` when PostgreSQL refused it (53300, 28P01, 3D000 …). */
export class DatabaseConnectionError extends Error {
  override readonly name = 'DatabaseConnectionError';
  readonly sqlState: string | null;
  /** All connections that are allowed are at work, and too many wait or waited for too long: says nothing about the server. */
  readonly isBusy: boolean;

  constructor(
    message: string,
    options: { readonly sqlState?: string | null; readonly isBusy?: boolean; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.sqlState = options.sqlState ?? null;
    this.isBusy = options.isBusy ?? false;
  }
}
