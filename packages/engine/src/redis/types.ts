/** How to reach a Redis, or a server that speaks its protocol. */
export interface RedisOptions {
  /** `redis://user:password@host:port/database`; `rediss://` for TLS. */
  readonly url: string;
  /** TLS although the URL says `redis://`. */
  readonly usesTls: boolean;
  /** The name that the server's certificate must have; that of the URL when null. */
  readonly tlsHostname: string | null;
  /** PEM file of the authorities that are trusted instead of the system's. */
  readonly caPath: string | null;
  /** What it is used for, in log lines: `response cache`. */
  readonly purpose: string;
  /** Receives that it cannot be used, and that it can be used again. */
  readonly log: (entry: RedisLogEntry) => void;
}

export interface RedisLogEntry {
  readonly level: 'info' | 'warn';
  readonly message: string;
  /** Why; null when it is good news. */
  readonly error: string | null;
}

/** Lua that Redis runs as one step. */
export interface RedisScript {
  readonly lua: string;
}

export type RedisValue = string | number | Uint8Array;

/** What a script gives: bulk strings as bytes. */
export type RedisReply = Buffer | number | null | readonly RedisReply[];

/** One connection, over which commands go one behind the other without waiting for answers. */
export interface RedisClient {
  /**
   * Runs a script. Rejects when Redis does not answer in time; at once while there is no connection. Nothing is tried again, so the caller may go on
   * without Redis after a bounded wait.
   */
  run(script: RedisScript, keys: readonly string[], values: readonly RedisValue[]): Promise<RedisReply>;
  /** Ends the connection; what waits for an answer is rejected. */
  close(): void;
}
