import type { Socket } from 'node:net';
import { InvariantError } from '../../support/index.ts';
import type { ConnectionSettings } from '../settings.ts';
import { DatabaseConnectionError, DatabaseError } from '../types.ts';
import { type CancelTarget, sendCancel } from './cancel.ts';
import { isStaleStatement, readErrorFields, toError } from './error-fields.ts';
import { LargeRow } from './large-row.ts';
import { type MessageHandler, MessageReader, readCString } from './message-reader.ts';
import { MessageWriter } from './message-writer.ts';
import {
  BIND_COMPLETE,
  COMMAND_COMPLETE,
  COPY_BOTH_RESPONSE,
  COPY_IN_RESPONSE,
  DATA_ROW,
  ERROR_RESPONSE,
  NOTIFICATION_RESPONSE,
  PARSE_COMPLETE,
  READY_FOR_QUERY,
  ROW_DESCRIPTION,
  STATUS_IDLE,
} from './messages.ts';
import type { Request } from './request.ts';
import { refuseZero, StatementCache } from './statement-cache.ts';

/** Whoever opened the connection; called synchronously, so it must not throw. */
export interface ConnectionOwner {
  /** A request has ended after it ran for `elapsedMs`, or a cancel request was delivered: there is room for another one. */
  onProgress(connection: WireConnection, request: Request | null, elapsedMs: number): void;
  /** The request did nothing for a reason that was not its own: send it again. */
  onRepeat(request: Request): void;
  /** The connection is gone; its requests were rejected. */
  onClose(connection: WireConnection): void;
  onNotification(channel: string, payload: string): void;
}

const QUERY_CANCELED = '57014';
/** The protocol counts parameters in 16 bits. */
const MAX_PARAMETERS = 65_535;
/** Of rows as text; as strings they take a multiple of it. The bytes of a single row are bounded by PostgreSQL (1 GiB). */
const MAX_RESULT_BYTES = 128 * 2 ** 20;
/** Of a value in pieces. */
const PIECES_PER_WRITE = 256;
/** Finished entries are cut off the queue when there are this many. */
const QUEUE_SLACK = 256;

/**
 * One session. Requests are sent at once and answered in order (pipelining); each ends with its own Sync, so that the failure of one
 * does not touch the next.
 */
export class WireConnection implements MessageHandler {
  /** Requests on their way behind which nothing should wait. */
  slowInFlight = 0;
  /** The owner's notes; the connection does not look at them. */
  readonly owned = {
    isLeased: false,
    isParked: false,
    isDraining: false,
    expiresAt: Number.POSITIVE_INFINITY,
    idleSince: 0,
  };

  readonly #socket: Socket;
  readonly #settings: ConnectionSettings;
  readonly #target: CancelTarget;
  readonly #owner: ConnectionOwner;
  readonly #reader: MessageReader = new MessageReader(this);
  readonly #writer = new MessageWriter();
  readonly #statements: StatementCache;
  #queue: (Request | undefined)[] = [];
  #head = 0;
  /** When the request at the head began to run. */
  #headSince = 0;
  #isFlushScheduled = false;
  /** Who is to be told when what is written by now has been sent. */
  #waitForSending: (() => void)[] = [];
  #status = STATUS_IDLE;
  #cancelsUnderway = 0;
  /** A cancel request may have hit another request than the one it was meant for. */
  #wasCancelled = false;
  #fatal: Error | null = null;
  #isClosed = false;

  constructor(socket: Socket, settings: ConnectionSettings, target: CancelTarget, owner: ConnectionOwner) {
    this.#socket = socket;
    this.#settings = settings;
    this.#target = target;
    this.#owner = owner;
    this.#statements = new StatementCache(settings.maxStatements, this.#writer);
    socket.on('data', this.#onData);
    socket.on('error', this.#onError);
    socket.on('close', this.#onClose);
    socket.resume();
  }

  get inFlight(): number {
    return this.#queue.length - this.#head;
  }

  /** Nothing is on its way, no cancel request either, and no transaction is open. */
  get isIdle(): boolean {
    return (
      this.#head === this.#queue.length &&
      this.#cancelsUnderway === 0 &&
      this.#status === STATUS_IDLE &&
      !this.#isClosed
    );
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get isInTransaction(): boolean {
    return this.#status !== STATUS_IDLE;
  }

  /** How long the request at the head has been running. */
  runningForMs(now: number): number {
    return this.inFlight === 0 ? 0 : now - this.#headSince;
  }

  send(request: Request): void {
    if (this.#isClosed) {
      request.reject(this.#fatal ?? closedUnexpectedly());
      return;
    }
    try {
      this.#write(request);
    } catch (error) {
      request.reject(error);
      return;
    }
    if (this.#head === this.#queue.length) this.#headSince = performance.now();
    if (request.isSlow) this.slowInFlight += 1;
    request.connection = this;
    if (request.onSent !== null) this.#waitForSending.push(request.onSent);
    this.#queue.push(request);
    this.#scheduleFlush();
  }

  /** Stops waiting for a request that was sent, and has PostgreSQL cancel it. The caller rejects its promise. */
  abort(request: Request): void {
    request.isAborted = true;
    if (this.#queue[this.#head] === request) this.#cancelRunning();
  }

  /** To be called when `DISCARD ALL` was sent. */
  forgetStatements(): void {
    this.#statements.clear();
  }

  /** Ends the session; to be called when nothing is on its way. */
  end(): void {
    if (this.#isClosed) return;
    this.#writer.terminate();
    this.#flush();
    this.#socket.end();
    this.#close(new DatabaseConnectionError('the connection was closed'));
    this.#socket.setTimeout(1_000, () => this.#socket.destroy());
  }

  destroy(reason: Error): void {
    this.#socket.destroy();
    this.#close(reason);
  }

  onMessage(type: number, buffer: Buffer, start: number, end: number): void {
    const request = this.#queue[this.#head];
    switch (type) {
      case DATA_ROW:
        if (request === undefined) return;
        if (request.kind !== 'bytes' && this.#isTooLarge(request, end - start)) return;
        request.onRow(buffer, start);
        return;
      case BIND_COMPLETE:
        return;
      case READY_FOR_QUERY:
        this.#status = buffer[start] as number; // the body is one byte
        if (request !== undefined) this.#finish(request);
        return;
      case COMMAND_COMPLETE:
        request?.onCommandComplete(buffer, start, end);
        return;
      case PARSE_COMPLETE:
        request?.onParseComplete();
        return;
      case ROW_DESCRIPTION:
        request?.onRowDescription(buffer, start);
        return;
      case ERROR_RESPONSE:
        this.#onErrorResponse(request, buffer, start, end);
        return;
      case NOTIFICATION_RESPONSE: {
        const channel = readCString(buffer, start + 4, end); // behind the process id of the sender
        this.#owner.onNotification(channel.text, readCString(buffer, channel.end, end).text);
        return;
      }
      case COPY_IN_RESPONSE:
      case COPY_BOTH_RESPONSE:
        if (request?.kind === 'script' && type === COPY_IN_RESPONSE) {
          this.#writer.copyFail('COPY FROM STDIN is not supported');
          this.#scheduleFlush();
        } else {
          this.destroy(new DatabaseConnectionError('the statement switched the connection to COPY'));
        }
        return;
      default:
        return; // notices, parameter changes, empty statements, COPY data: nothing to do
    }
  }

  onLargeMessage(type: number): LargeRow | null {
    const request = this.#queue[this.#head];
    if (type !== DATA_ROW || request === undefined || request.values !== null) return null;
    if (request.kind !== 'bytes' && request.kind !== 'batch') return null;
    const row = new LargeRow();
    request.values = row.values;
    return row;
  }

  #write(request: Request): void {
    const { kind, text, parameters } = request;
    if (kind === 'batch') {
      this.#writeBatch(request);
      return;
    }
    refuseManyParameters(parameters);
    if (kind === 'script') {
      refuseZero(text);
      this.#writer.query(text);
      return;
    }
    let name = '';
    if (request.prepare && this.#statements.mayKeep(text)) {
      const known = this.#statements.prepare(text);
      request.statement = known;
      name = known.name;
      if (kind === 'rows' && !known.isDescribed) this.#writer.describeStatement(name);
    } else {
      refuseZero(text);
      this.#writer.parse('', text);
      if (kind === 'rows') this.#writer.describeStatement('');
    }
    this.#writer.bindExecute(name, parameters);
    this.#writer.sync();
  }

  /** One Sync ends the batch, so that PostgreSQL runs it as one transaction. Nothing is written unless everything can be. */
  #writeBatch(request: Request): void {
    for (const { text, parameters } of request.queries) {
      refuseManyParameters(parameters);
      refuseZero(text);
    }
    const keeps = request.prepare && request.queries.every(({ text }) => this.#statements.mayKeep(text));
    for (const { text, parameters } of request.queries) {
      let name = '';
      if (keeps) {
        const isKnown = this.#statements.has(text);
        const statement = this.#statements.prepare(text);
        request.statements.push(statement);
        if (!isKnown) request.parsing.push(statement);
        name = statement.name;
      } else {
        this.#writer.parse('', text);
      }
      this.#writer.bindExecute(name, parameters);
    }
    this.#writer.sync();
  }

  #scheduleFlush(): void {
    if (this.#isFlushScheduled) return;
    this.#isFlushScheduled = true;
    queueMicrotask(this.#flush);
  }

  /** What was requested in one turn leaves in one write. */
  readonly #flush = (): void => {
    this.#isFlushScheduled = false;
    if (this.#writer.isEmpty || this.#isClosed) return;
    this.#send(this.#writer.take());
  };

  /** Pieces leave a few hundred at a time, so that the server has the first of them while the socket is given the others. */
  #send(pieces: readonly Uint8Array[]): void {
    const waiting = this.#waitForSending;
    if (waiting.length > 0) this.#waitForSending = [];
    const last = pieces.length - 1;
    for (let first = 0; first <= last; first += PIECES_PER_WRITE) {
      const end = Math.min(first + PIECES_PER_WRITE, pieces.length);
      if (end - first > 1) this.#socket.cork();
      for (let index = first; index < end; index++) {
        const piece = pieces[index] as Uint8Array; // in range
        if (index === last && waiting.length > 0) this.#socket.write(piece, () => tell(waiting));
        else this.#socket.write(piece);
      }
      if (end - first > 1) this.#socket.uncork();
    }
  }

  readonly #onData = (chunk: Buffer): void => {
    try {
      this.#reader.push(chunk);
    } catch (cause) {
      this.destroy(new DatabaseConnectionError('the answer of the server cannot be read', { cause }));
    }
  };

  readonly #onError = (cause: Error): void => {
    this.#fatal ??= new DatabaseConnectionError(cause.message, { cause });
  };

  readonly #onClose = (): void => this.#close(this.#fatal ?? closedUnexpectedly());

  #onErrorResponse(request: Request | undefined, buffer: Buffer, start: number, end: number): void {
    const fields = readErrorFields(buffer, start, end);
    const error = toError(fields);
    if (fields.isFatal) this.#fatal = error; // the server closes the socket now
    if (request === undefined) return;
    if (request.kind === 'batch' && error instanceof DatabaseError) error.batchIndex = request.results.length;
    request.error ??= error;
    request.isStale = isStaleStatement(fields);
  }

  /** Counts a row; when the result outgrows its bound, cancels the statement and forgets what has come. */
  #isTooLarge(request: Request, rowBytes: number): boolean {
    request.receivedBytes += rowBytes;
    if (request.receivedBytes <= MAX_RESULT_BYTES) return false;
    if (request.error === null) {
      request.error = new DatabaseError({
        sqlState: '54000', // program_limit_exceeded
        message: `the result is larger than ${MAX_RESULT_BYTES / 2 ** 20} MiB`,
      });
      request.rows = [];
      this.#cancelRunning();
    }
    return true;
  }

  /** The request at the head is answered. */
  #finish(request: Request): void {
    this.#queue[this.#head] = undefined;
    this.#head += 1;
    if (this.#head === this.#queue.length) {
      this.#queue.length = 0;
      this.#head = 0;
    } else if (this.#head >= QUEUE_SLACK) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    const now = performance.now();
    const elapsedMs = now - this.#headSince;
    this.#headSince = now;
    if (request.isSlow) this.slowInFlight -= 1;
    const { error } = request;
    if (error === null) {
      settle(request);
    } else {
      const { statement } = request;
      if (statement !== null && (request.isStale || !statement.isParsed)) this.#statements.drop(statement);
      if (request.kind === 'batch') this.#dropFailed(request);
      if (this.#shouldRepeat(request, error)) this.#owner.onRepeat(request);
      else request.reject(error);
    }
    if (this.#queue[this.#head]?.isAborted) this.#cancelRunning();
    else if (this.#head === this.#queue.length && this.#cancelsUnderway === 0) this.#wasCancelled = false;
    this.#owner.onProgress(this, request, elapsedMs);
  }

  /** After an error the rest of a batch is skipped, its Parse messages too. */
  #dropFailed(request: Request): void {
    for (const statement of request.parsing) this.#statements.drop(statement);
    const failed = request.statements[request.results.length];
    if (request.isStale && failed !== undefined) this.#statements.drop(failed);
  }

  /** Failures that are not the statement's own, and before which nothing has been done. */
  #shouldRepeat(request: Request, error: Error): boolean {
    if (!request.isRepeatable || request.isAborted || request.attempts > 0) return false;
    if (request.isStale) return true;
    // Meant for the request before it, which had ended when the cancel request arrived.
    return this.#wasCancelled && error instanceof DatabaseError && error.sqlState === QUERY_CANCELED;
  }

  #cancelRunning(): void {
    this.#cancelsUnderway += 1;
    this.#wasCancelled = true;
    void sendCancel(this.#target, this.#settings).then(() => {
      this.#cancelsUnderway -= 1;
      if (!this.#isClosed) this.#owner.onProgress(this, null, 0);
    });
  }

  #close(reason: Error): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#fatal ??= reason;
    const pending = this.#queue.slice(this.#head);
    this.#queue = [];
    this.#head = 0;
    // A statement's own error that came just before the end says more than the end.
    for (const request of pending) request?.reject(request.error ?? this.#fatal);
    this.#owner.onClose(this);
  }
}

function tell(waiting: readonly (() => void)[]): void {
  for (const listener of waiting) listener();
}

function settle(request: Request): void {
  if (request.kind === 'bytes') {
    if (request.values === null) request.reject(new InvariantError('the statement returned no row'));
    else request.resolve(request.values);
  } else if (request.kind === 'batch') {
    request.resolve(request.results);
  } else if (request.kind === 'rows' || request.kind === 'list') {
    request.resolve(request.rows as Parameters<Request['resolve']>[0]); // all of them are of one kind
  } else {
    request.resolve(request.script ?? { columns: null, rows: [], commandTag: '' });
  }
}

function refuseManyParameters({ length }: readonly unknown[]): void {
  if (length > MAX_PARAMETERS) {
    throw new InvariantError(`a statement has ${length} parameters, PostgreSQL allows ${MAX_PARAMETERS}`);
  }
}

function closedUnexpectedly(): DatabaseConnectionError {
  return new DatabaseConnectionError('server closed the connection unexpectedly');
}
