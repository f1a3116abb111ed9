import type { BatchResult, Bytes, Parameter, Query, Row, ScriptResult } from '../types.ts';
import { readCString, readInt16, readInt32 } from './message-reader.ts';
import type { PreparedStatement } from './statement-cache.ts';

/** What a request was sent over. */
export interface RequestCarrier {
  /** Stops waiting for a request that was sent, and has PostgreSQL cancel it. The caller rejects its promise. */
  abort(request: Request): void;
}

export type RequestResult =
  | readonly (Bytes | null)[]
  | readonly (readonly (Bytes | null)[])[]
  | readonly Row[]
  | ScriptResult
  | BatchResult;

const NO_QUERIES: readonly Query[] = [];

/**
 * One request on its way: what to send, what has come back, whom to tell. One class for all kinds, so that the code which
 * reads answers sees a single shape.
 */
export class Request {
  readonly kind: 'bytes' | 'list' | 'rows' | 'script' | 'batch';
  readonly text: string;
  readonly parameters: readonly Parameter[];
  /** Use a named statement. */
  readonly prepare: boolean;
  /** May be sent again on another connection when it fails before it has done anything. */
  readonly isRepeatable: boolean;
  /** Of a batch, else empty. */
  readonly queries: readonly Query[];
  /** By what its speed is remembered: the text, unless that differs each time. */
  knownAs: string;
  /** Told when the operating system has taken over all of it. */
  onSent: (() => void) | null = null;
  readonly resolve: (result: RequestResult) => void;
  readonly reject: (error: unknown) => void;

  /** Where it was sent. */
  connection: RequestCarrier | null = null;
  statement: PreparedStatement | null = null;
  /** The named statements of a batch whose Parse was sent with it and is not answered yet. */
  parsing: PreparedStatement[] = [];
  /** Every named statement of a batch, one for each query. */
  statements: PreparedStatement[] = [];
  columns: readonly string[] | null = null;
  values: (Bytes | null)[] | null = null;
  rows: (Row | (string | null)[] | (Bytes | null)[])[] = [];
  /** Of a batch: what its completed statements gave. */
  results: ((Bytes | null)[] | null)[] = [];
  /** The result of the last statement that has completed. */
  script: ScriptResult | null = null;
  receivedBytes = 0;
  error: Error | null = null;
  /** The error says that the prepared statement must be prepared again. */
  isStale = false;
  /** The pool knows it as slow, or does not know it yet: nothing may wait behind it on its connection. */
  isSlow = true;
  /** So short that it is better sent behind others than on a connection of its own. */
  isQuick = false;
  attempts = 0;
  /** Its caller no longer waits; it is cancelled as soon as it runs. */
  isAborted = false;

  constructor(
    kind: Request['kind'],
    text: string,
    parameters: readonly Parameter[],
    prepare: boolean,
    isRepeatable: boolean,
    resolve: (result: never) => void,
    reject: (error: unknown) => void,
    queries: readonly Query[] = NO_QUERIES,
  ) {
    this.kind = kind;
    this.text = text;
    this.knownAs = text;
    this.parameters = parameters;
    this.prepare = prepare;
    this.isRepeatable = isRepeatable;
    this.resolve = resolve as Request['resolve']; // the caller's promise fits the kind
    this.reject = reject;
    this.queries = queries;
  }

  /** Forgets a failed attempt. */
  reset(): void {
    this.connection = null;
    this.statement = null;
    this.parsing = [];
    this.statements = [];
    this.results = [];
    this.columns = null;
    this.values = null;
    this.rows = [];
    this.script = null;
    this.receivedBytes = 0;
    this.error = null;
    this.isStale = false;
  }

  onParseComplete(): void {
    const statement = this.kind === 'batch' ? this.parsing.shift() : this.statement;
    if (statement) statement.isParsed = true;
  }

  onRowDescription(buffer: Buffer, start: number): void {
    this.columns = readColumnNames(buffer, start);
    if (this.statement !== null) {
      this.statement.columns = this.columns;
      this.statement.isDescribed = true;
    }
  }

  onRow(buffer: Buffer, start: number): void {
    if (this.kind === 'bytes' || this.kind === 'batch') {
      if (this.values === null) this.values = readByteRow(buffer, start);
    } else if (this.kind === 'list') {
      this.rows.push(readByteRow(buffer, start));
    } else if (this.kind === 'rows') {
      this.rows.push(readNamedRow(buffer, start, this.columns ?? this.statement?.columns ?? []));
    } else {
      this.rows.push(readTextRow(buffer, start));
    }
  }

  onCommandComplete(buffer: Buffer, start: number, end: number): void {
    if (this.kind === 'batch') {
      this.results.push(this.values);
      this.values = null;
    }
    if (this.kind !== 'script') return;
    // Another statement may follow; only the result of the last one counts.
    this.script = {
      columns: this.columns,
      rows: this.rows as (string | null)[][],
      commandTag: readCString(buffer, start, end).text,
    };
    this.columns = null;
    this.rows = [];
  }
}

function readByteRow(buffer: Buffer, start: number): (Bytes | null)[] {
  const count = readInt16(buffer, start);
  let position = start + 2;
  const values: (Bytes | null)[] = [];
  for (let i = 0; i < count; i++) {
    const length = readInt32(buffer, position);
    position += 4;
    if (length < 0) {
      values.push(null);
      continue;
    }
    values.push([buffer.subarray(position, position + length)]);
    position += length;
  }
  return values;
}

function readTextRow(buffer: Buffer, start: number): (string | null)[] {
  const count = readInt16(buffer, start);
  let position = start + 2;
  const values: (string | null)[] = [];
  for (let i = 0; i < count; i++) {
    const length = readInt32(buffer, position);
    position += 4;
    values.push(length < 0 ? null : buffer.toString('utf8', position, position + length));
    if (length > 0) position += length;
  }
  return values;
}

function readNamedRow(buffer: Buffer, start: number, columns: readonly string[]): Row {
  let position = start + 2;
  const row: Record<string, string | null> = {};
  for (let i = 0; i < columns.length; i++) {
    const length = readInt32(buffer, position);
    position += 4;
    row[columns[i] as string] = length < 0 ? null : buffer.toString('utf8', position, position + length); // i is in range
    if (length > 0) position += length;
  }
  return row;
}

function readColumnNames(buffer: Buffer, start: number): string[] {
  const count = readInt16(buffer, start);
  const names: string[] = [];
  let position = start + 2;
  for (let i = 0; i < count; i++) {
    const name = readCString(buffer, position, buffer.length);
    names.push(name.text);
    position = name.end + 18; // table OID, attribute number, type OID, size, modifier, format
  }
  return names;
}
