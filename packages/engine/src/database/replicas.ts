import {
  type Bytes,
  type Database,
  DatabaseConnectionError,
  DatabaseError,
  type LargeQuery,
  type Query,
  type QueryOptions,
  type Reader,
  type Row,
} from './types.ts';

/** Waits between looks at a replica that is down: the first, doubled up to the last; the longest for one that refuses us by name or password. */
const firstWaitMs = 100;
const lastWaitMs = 1_000;
const refusedWaitMs = 15_000;
/** A replica that has not answered by then is still down. */
const probeMs = 3_000;

/**
 * What a replica may refuse and the primary answers: a statement that writes (25006), one that was in the way of what the replica had to
 * apply (40001, 40P01), and one about what it has not heard of yet (undefined column, table, schema, function, type).
 */
const forPrimary: ReadonlySet<string> = new Set([
  '25006',
  '40001',
  '40P01',
  '42703',
  '42P01',
  '3F000',
  '42883',
  '42704',
]);

export interface ReplicaEvent {
  /** Its place in the list, from 0. */
  readonly replica: number;
  readonly isLive: boolean;
  /** Why it is down; null when it is live again. */
  readonly error: DatabaseConnectionError | null;
}

interface Member {
  readonly database: Database;
  readonly number: number;
  isLive: boolean;
  waitMs: number;
  timer: NodeJS.Timeout | null;
}

/**
 * Reads from a replica that is drawn for each statement among those that are live. One that loses a connection is left out until it answers again; its
 * statements go to another one, and to the primary when none is left. Source: spec/server.md 6.1, which has no word about failures.
 */
export class Replicas implements Reader {
  readonly #primary: Reader;
  readonly #members: readonly Member[];
  readonly #onChange: (event: ReplicaEvent) => void;
  #isClosed = false;

  /** The databases remain the caller's, who closes them after this. */
  constructor(primary: Reader, replicas: readonly Database[], onChange: (event: ReplicaEvent) => void) {
    this.#primary = primary;
    this.#members = replicas.map((database, number) => ({
      database,
      number,
      isLive: true,
      waitMs: firstWaitMs,
      timer: null,
    }));
    this.#onChange = onChange;
  }

  queryBytes(query: Query, options?: QueryOptions): Promise<readonly (Bytes | null)[]> {
    return this.#read((database) => database.queryBytes(query, options));
  }

  queryList(query: Query, options?: QueryOptions): Promise<readonly (readonly (Bytes | null)[])[]> {
    return this.#read((database) => database.queryList(query, options));
  }

  queryRows(query: Query | LargeQuery, options?: QueryOptions): Promise<readonly Row[]> {
    return this.#read((database) => database.queryRows(query, options));
  }

  /** No replica is looked at any more. */
  close(): void {
    this.#isClosed = true;
    for (const { timer } of this.#members) if (timer !== null) clearTimeout(timer);
  }

  async #read<T>(ask: (database: Reader) => Promise<T>): Promise<T> {
    let candidates = this.#members.filter((member) => member.isLive);
    for (;;) {
      const member = candidates[Math.floor(Math.random() * candidates.length)];
      if (member === undefined) return ask(this.#primary);
      try {
        return await ask(member.database);
      } catch (error) {
        if (error instanceof DatabaseConnectionError && !error.isBusy) this.#leaveOut(member, error);
        else if (error instanceof DatabaseError && forPrimary.has(error.sqlState)) return ask(this.#primary);
        else throw error;
      }
      candidates = candidates.filter((other) => other !== member && other.isLive);
    }
  }

  #leaveOut(member: Member, error: DatabaseConnectionError): void {
    if (!member.isLive || this.#isClosed) return;
    member.isLive = false;
    member.waitMs = firstWaitMs;
    this.#onChange({ replica: member.number, isLive: false, error });
    // one lost connection may be all that happened
    this.#lookAfter(member, 0);
  }

  #lookAfter(member: Member, waitMs: number): void {
    member.timer = setTimeout(() => void this.#look(member), waitMs);
    member.timer.unref();
  }

  async #look(member: Member): Promise<void> {
    let isRefused = false;
    try {
      const options = { signal: AbortSignal.timeout(probeMs), prepare: false };
      await member.database.queryRows({ text: 'select 1', parameters: [] }, options);
      member.isLive = true;
    } catch (error) {
      isRefused = error instanceof DatabaseConnectionError && /^(?:28|3D)/.test(error.sqlState ?? '');
    }
    if (this.#isClosed) return;
    if (member.isLive) {
      this.#onChange({ replica: member.number, isLive: true, error: null });
      return;
    }
    this.#lookAfter(member, isRefused ? refusedWaitMs : member.waitMs);
    member.waitMs = Math.min(member.waitMs * 2, lastWaitMs);
  }
}
