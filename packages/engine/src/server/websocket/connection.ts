import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { WebSocket } from 'ws';
import { firstHeader, type RawHeaders, type Session } from '../../authentication/index.ts';
import type { GraphqlRequest, LiveOperation } from '../../runtime/index.ts';
import type { Subscriber } from '../../subscriptions/index.ts';
import { Path, RequestError, type Span, unreachable } from '../../support/index.ts';
import type { ServerContext } from '../context.ts';
import { unexpectedError } from '../error-body.ts';
import { logFault } from '../log/fault.ts';
import { logSubscription } from '../log/query-log.ts';
import type { WebSocketLog } from '../log/websocket-log.ts';
import { runOperation } from '../run-operation.ts';
import { beginOperation } from '../trace-request.ts';
import { countSubscription, watchSubscription } from './count-subscription.ts';
import { type ClientMessage, readClientMessage } from './messages.ts';
import { Outbox } from './outbox.ts';
import { type Close, type SubProtocol, truncateReason } from './sub-protocol.ts';

/** Messages that wait for their turn, and their characters; beyond that nothing is read from the socket. */
const maximumQueued = 32;
const maximumQueuedCharacters = 1_000_000;
/** Subscriptions of one connection, and the characters of their texts and values. */
const maximumOperations = 5000;
const maximumCharacters = 20_000_000;
/** Timers hold no more than this. */
const longestTimerMs = 2 ** 31 - 1;

type State =
  | { readonly kind: 'new' }
  | { readonly kind: 'ready'; readonly session: Session; readonly headers: RawHeaders }
  | { readonly kind: 'failed'; readonly message: string };

interface Operation {
  readonly request: GraphqlRequest;
  /** Of the `connection_init` before it; a further one changes nothing of what runs. */
  readonly session: Session;
  readonly requestId: string;
  /** Where a stream has come to; null at its start. */
  cursor: string | null;
  /** Of its text and its values, roughly. */
  characters: number;
  /** Stopped, because the model has changed, until it is its turn to be planned anew. */
  isStale: boolean;
  stop: () => void;
}

/** One WebSocket from handshake to close: its session, its operations, its messages one after another. */
export class Connection {
  readonly #socket: WebSocket;
  readonly #protocol: SubProtocol;
  readonly #handshakeHeaders: RawHeaders;
  readonly #api: NonNullable<GraphqlRequest['api']>;
  readonly #clientAddress: string | null;
  readonly #context: ServerContext;
  readonly #log: WebSocketLog;
  readonly #outbox: Outbox;
  readonly #operations = new Map<string, Operation>();
  /** Of all operations. */
  #characters = 0;
  readonly #initTimer: NodeJS.Timeout;
  readonly #keepAliveTimer: NodeJS.Timeout;
  readonly #ended = new AbortController();
  #expiryTimer: NodeJS.Timeout | null = null;
  #state: State = { kind: 'new' };
  #queue: Promise<void> = Promise.resolve();
  #queued = 0;
  #queuedCharacters = 0;

  constructor(
    socket: WebSocket,
    options: {
      readonly protocol: SubProtocol;
      readonly handshakeHeaders: RawHeaders;
      /** `/v1alpha1/graphql` tells errors flat. */
      readonly hasFlatErrors: boolean;
      /** The schema that operations on this connection ask. */
      readonly api: NonNullable<GraphqlRequest['api']>;
      /** Address by which the client is counted; null when it is not known. */
      readonly clientAddress: string | null;
      readonly context: ServerContext;
      readonly log: WebSocketLog;
    },
  ) {
    this.#socket = socket;
    this.#protocol = options.protocol;
    this.#handshakeHeaders = options.handshakeHeaders;
    this.#api = options.api;
    this.#clientAddress = options.clientAddress;
    this.#context = options.context;
    const { configuration } = options.context;
    this.#log = options.log;
    this.#outbox = new Outbox(socket, {
      protocol: options.protocol,
      hasFlatErrors: options.hasFlatErrors,
      metrics: options.context.metrics,
      onLost: () => {
        this.#log.connectionError('the client does not read what it asked for');
        this.terminate();
      },
    });
    this.#initTimer = setTimeout(() => {
      if (this.#state.kind === 'new') this.close(this.#protocol.initTimeout);
    }, configuration.wsInitTimeoutMs);
    this.#keepAliveTimer = setInterval(
      () => this.#outbox.keepAlive(),
      Math.max(1, configuration.wsKeepAliveMs),
    );
    socket.on('message', (data) => this.#receive(String(data)));
    socket.on('close', () => this.#end());
    // a broken connection ends in `close`, too
    socket.on('error', (error) => this.#log.connectionError(error.message));
    this.#outbox.keepAlive();
  }

  close({ code, reason }: Close): void {
    this.#socket.close(code, truncateReason(reason));
    // a client that does not answer the closing is cut off
    setTimeout(() => this.#socket.terminate(), 2000).unref();
    this.#end();
  }

  terminate(): void {
    this.#socket.terminate();
    this.#end();
  }

  /**
   * Plans the running subscriptions anew, after the model has changed: when it is their turn, as whatever is under way may last. They are stopped at
   * once, so that nothing more is told under the rules of before.
   */
  replan(): void {
    for (const [id, operation] of this.#operations) {
      operation.stop();
      operation.stop = ignore;
      if (operation.isStale) continue;
      operation.isStale = true;
      this.#enqueue(async () => {
        // others are served between two of many
        await setImmediate();
        // it may have ended while this waited
        if (this.#operations.get(id) !== operation || this.#state.kind !== 'ready') return;
        operation.isStale = false;
        this.#subscribe(id, operation, true);
      });
    }
  }

  #end(): void {
    if (this.#ended.signal.aborted) return;
    this.#ended.abort();
    clearTimeout(this.#initTimer);
    clearInterval(this.#keepAliveTimer);
    if (this.#expiryTimer !== null) clearTimeout(this.#expiryTimer);
    for (const operation of this.#operations.values()) operation.stop();
    this.#operations.clear();
    this.#log.closed();
  }

  #receive(text: string): void {
    if (this.#ended.signal.aborted) return;
    this.#context.metrics?.webSocketReceived(Buffer.byteLength(text));
    let message: ClientMessage;
    try {
      message = readClientMessage(text);
    } catch (error) {
      logFault(this.#context.logger, null, error);
      message = { kind: 'malformed', detail: 'Internal Server Error' };
    }
    // a sign of life is not kept waiting by a slow query
    if (message.kind === 'ping') this.#outbox.pong(message.payload);
    else if (message.kind !== 'pong') this.#enqueue(() => this.#handle(message), text.length);
  }

  #enqueue(task: () => Promise<void> | void, characters = 0): void {
    this.#queued++;
    this.#queuedCharacters += characters;
    if (this.#queued > maximumQueued || this.#queuedCharacters > maximumQueuedCharacters)
      this.#socket.pause();
    const queuedAt = performance.now();
    this.#queue = this.#queue.then(async () => {
      this.#context.metrics?.webSocketQueued((performance.now() - queuedAt) / 1000);
      try {
        // who does not read gets nothing more to read
        if (this.#outbox.isCongested) await this.#outbox.caughtUp();
        if (!this.#ended.signal.aborted) await task();
      } catch (error) {
        logFault(this.#context.logger, null, error);
      }
      this.#queued--;
      this.#queuedCharacters -= characters;
      const hasRoom =
        this.#queued <= maximumQueued / 2 && this.#queuedCharacters <= maximumQueuedCharacters / 2;
      if (hasRoom && this.#socket.isPaused) this.#socket.resume();
    });
  }

  #handle(message: Exclude<ClientMessage, { readonly kind: 'ping' | 'pong' }>): Promise<void> | void {
    switch (message.kind) {
      case 'init':
        return this.#init(message.headers);
      case 'start':
        return this.#start(message.id, { ...message.request, api: this.#api });
      case 'stop':
        return this.#stop(message.id);
      case 'terminate':
        return this.close({ code: 1000, reason: 'GQL_CONNECTION_TERMINATE received' });
      case 'malformed':
        return this.#refuseMalformed(message.detail);
      default:
        return unreachable(message);
    }
  }

  async #init(payloadHeaders: RawHeaders): Promise<void> {
    // a further connection_init is judged by its own headers alone
    const isFirst = this.#state.kind === 'new';
    const headers = isFirst ? [...payloadHeaders, ...this.#handshakeHeaders] : payloadHeaders;
    if (this.#state.kind === 'failed') return this.#failInit(this.#state.message);
    let session: Session;
    try {
      session = (await this.#context.authenticator.authenticate(headers)).session;
    } catch (error) {
      if (!(error instanceof RequestError)) logFault(this.#context.logger, null, error);
      return this.#failInit(error instanceof RequestError ? error.message : unexpectedError.message);
    }
    if (this.#ended.signal.aborted) return;
    clearTimeout(this.#initTimer);
    this.#state = { kind: 'ready', session, headers: payloadHeaders };
    this.#log.session = session;
    this.#watchExpiry();
    this.#outbox.acknowledge();
    this.#outbox.keepAlive();
  }

  #failInit(message: string): void {
    this.#state = { kind: 'failed', message };
    this.#log.connectionError(message);
    this.#outbox.connectionError(message);
    this.close(this.#protocol.initFailed(message));
  }

  /** Without a close code, which clients answer by connecting again with fresh credentials. */
  #watchExpiry(): void {
    if (this.#expiryTimer !== null) clearTimeout(this.#expiryTimer);
    this.#expiryTimer = null;
    const remainingMs = this.#expiresAtMs() - Date.now();
    if (remainingMs === Number.POSITIVE_INFINITY) return;
    if (remainingMs <= 0) {
      this.terminate();
      return;
    }
    this.#expiryTimer = setTimeout(() => this.#watchExpiry(), Math.min(remainingMs, longestTimerMs));
  }

  /** When the first of the sessions ends that are in use here: no subscription outlives the token that it was started with. */
  #expiresAtMs(): number {
    const running = [...this.#operations.values()].map(({ session }) => session);
    const sessions = this.#state.kind === 'ready' ? [this.#state.session, ...running] : running;
    return Math.min(...sessions.map(({ expiresAt }) => expiresAt?.getTime() ?? Number.POSITIVE_INFINITY));
  }

  async #start(id: string, request: GraphqlRequest): Promise<void> {
    if (this.#state.kind === 'new') {
      return this.#failStart(id, request, 'start received before the connection is initialised');
    }
    if (this.#state.kind === 'failed') {
      return this.#failStart(
        id,
        request,
        `cannot start as connection_init failed with: ${this.#state.message}`,
      );
    }
    if (this.#operations.has(id))
      return this.#failStart(id, request, `an operation already exists with this id: ${id}`);
    if (this.#operations.size >= maximumOperations) {
      return this.#failStart(id, request, `more than ${maximumOperations} operations on one connection`);
    }
    const { session, headers: given } = this.#state;
    const givenId = firstHeader(given, 'x-request-id');
    const requestId = givenId ?? randomUUID();
    const headers = givenId === null ? [...given, 'x-request-id', requestId] : given;
    const span = this.#beginSpan(headers, requestId, session);
    this.#log.operation(id, requestId, request, 'started', null, span);
    try {
      await this.#admit(session);
      const kind = this.#context.runtime.operationKind(request);
      if (kind === 'subscription') {
        const operation: Operation = {
          request,
          session,
          requestId,
          cursor: null,
          characters: 0,
          isStale: false,
          stop: ignore,
        };
        this.#operations.set(id, operation);
        this.#subscribe(id, operation, false, span);
      } else {
        // a query that nobody waits for is given up; a mutation is not left half-known
        const answer = await runOperation(request, session, this.#context, {
          requestId,
          span,
          clientHeaders: headers,
          ...(kind === 'query' ? { signal: this.#ended.signal } : {}),
        });
        this.#outbox.result(id, answer);
        this.#complete(id, requestId, request, span);
      }
    } catch (error) {
      span?.fail(error instanceof Error ? error.message : String(error));
      this.#failOperation(id, requestId, request, error, span);
    } finally {
      span?.end();
    }
  }

  /** Null when nobody traces. */
  #beginSpan(headers: RawHeaders, requestId: string, session: Session): Span | null {
    const tracer = this.#context.tracing.current;
    if (tracer === null) return null;
    return beginOperation(tracer, [...headers, ...this.#handshakeHeaders], requestId, session);
  }

  #admit(session: Session): void | Promise<void> {
    return this.#context.runtime.admit(session, {
      clientAddress: this.#clientAddress,
      operations: 1,
      isBatch: false,
    });
  }

  /**
   * In one step, so that the model cannot change between planning and serving. `hasAnswer`: the client has seen a result of this subscription before.
   */
  #subscribe(id: string, operation: Operation, hasAnswer: boolean, span: Span | null = null): void {
    const { request, session, requestId } = operation;
    let live: LiveOperation;
    try {
      live = this.#context.runtime.planSubscription(request, session);
      if (!hasAnswer) countSubscription(request, this.#context, true);
    } catch (error) {
      if (!hasAnswer) countSubscription(request, this.#context, false);
      this.#failOperation(id, requestId, request, error, null, 'subscription');
      return;
    }
    if (!hasAnswer) logSubscription(this.#context.logger, requestId, request, live, span);
    let isAnswered = hasAnswer;
    const watch = watchSubscription(request, live, session, this.#context);
    const subscriber: Subscriber = {
      onAnswer: (answer, cursor) => {
        if (isAnswered && this.#outbox.isCongested) return false;
        isAnswered = true;
        operation.cursor = cursor ?? null;
        this.#outbox.result(id, answer);
        return true;
      },
      onNothing: () => {
        isAnswered = true;
      },
      onEnd: () => {
        this.#forget(id);
        this.#complete(id, requestId, request, null);
      },
      onError: (error) => {
        // the first run decides whether the subscription exists at all
        if (!isAnswered) return this.#failOperation(id, requestId, request, error, null, 'subscription');
        if (!(error instanceof RequestError)) logFault(this.#context.logger, requestId, error);
        this.#outbox.failure(id, error instanceof RequestError ? error : unexpectedError);
      },
    };
    const size = { document: request.query.length, values: live.key.length };
    const characters = size.document + size.values;
    this.#characters += characters - operation.characters;
    operation.characters = characters;
    const watched = { ...live, ...watch, size };
    let stop: () => void;
    try {
      if (this.#characters > maximumCharacters) throw tooMuchOnOneConnection;
      stop = this.#context.liveQueries.subscribe(watched, subscriber, operation.cursor);
    } catch (error) {
      watch?.end();
      this.#failOperation(id, requestId, request, error, null, 'subscription');
      return;
    }
    operation.stop = () => {
      stop();
      watch?.end();
    };
  }

  #stop(id: string): void {
    const operation = this.#forget(id);
    if (operation === undefined) return;
    this.#log.operation(id, operation.requestId, operation.request, 'stopped');
  }

  /** Ends it; undefined when it has ended before. */
  #forget(id: string): Operation | undefined {
    const operation = this.#operations.get(id);
    if (operation === undefined) return undefined;
    this.#operations.delete(id);
    this.#characters -= operation.characters;
    operation.stop();
    return operation;
  }

  #refuseMalformed(detail: string): void {
    this.#log.connectionError(`parsing ClientMessage failed: ${detail}`);
    const { malformed } = this.#protocol;
    if (malformed !== null) this.close(malformed(detail));
    else this.#outbox.connectionError(`parsing ClientMessage failed: ${detail}`);
  }

  #failStart(id: string, request: GraphqlRequest, message: string): void {
    this.#outbox.startFailed(id, new RequestError('start-failed', Path.root, message));
    this.#log.notStarted(id, request, message);
    const { startFailed } = this.#protocol;
    if (startFailed !== null) this.close(startFailed(message));
  }

  #failOperation(
    id: string,
    requestId: string,
    request: GraphqlRequest,
    thrown: unknown,
    span: Span | null = null,
    kind: 'query' | 'subscription' = 'query',
  ): void {
    if (this.#ended.signal.aborted) return;
    if (!(thrown instanceof RequestError)) logFault(this.#context.logger, requestId, thrown, span);
    const error = thrown instanceof RequestError ? thrown : unexpectedError;
    this.#forget(id);
    this.#log.operation(id, requestId, request, 'query_err', error, span);
    this.#outbox.failed(id, error, kind);
  }

  #complete(id: string, requestId: string, request: GraphqlRequest, span: Span | null): void {
    this.#outbox.complete(id);
    this.#log.operation(id, requestId, request, 'completed', null, span);
  }
}

const tooMuchOnOneConnection = new RequestError(
  'busy',
  Path.root,
  'the subscriptions of the connection have too much text and too many values',
);

function ignore(): void {}
