import { setTimeout } from 'node:timers/promises';
import type { WebSocket } from 'ws';
import type { Bytes } from '../../database/index.ts';
import type { Metrics } from '../../metrics/index.ts';
import type { RequestError } from '../../support/index.ts';
import { flatError, graphqlError, graphqlErrors } from '../error-body.ts';
import { connectionAck, type SubProtocol } from './sub-protocol.ts';

/** Unsent bytes beyond which live results are skipped, and nothing else is begun, until the client has caught up. */
const congestedBytes = 1024 * 1024;
const lookAgainMs = 50;
/** Unsent bytes beyond which the client is given up. */
const lostBytes = 64 * 1024 * 1024;

/** Codes of errors that arise while a statement runs, not before. Source: spec/graphql-api.md 13.5, 14.3. */
const executionCodes: ReadonlySet<string> = new Set([
  'concurrent-update',
  'constraint-error',
  'constraint-violation',
  'data-exception',
  'permission-error',
  'postgres-error',
  'postgres-max-connections-error',
  'unexpected',
]);

export interface OutboxOptions {
  readonly protocol: SubProtocol;
  /** `/v1alpha1/graphql` tells errors flat. */
  readonly hasFlatErrors: boolean;
  /** Null when nobody counts. */
  readonly metrics: Metrics | null;
  /** The client does not read what is sent to it. */
  readonly onLost: () => void;
}

/** What one client is told, in the words of its protocol. Internal details of errors are never told over sockets. */
export class Outbox {
  readonly #socket: WebSocket;
  readonly #protocol: SubProtocol;
  readonly #hasFlatErrors: boolean;
  readonly #metrics: Metrics | null;
  readonly #onLost: () => void;
  /** Resolves when what was sent last while the client was behind has left, or cannot any more. */
  #lastSent: Promise<void> = Promise.resolve();

  constructor(socket: WebSocket, { protocol, hasFlatErrors, metrics, onLost }: OutboxOptions) {
    this.#socket = socket;
    this.#protocol = protocol;
    this.#hasFlatErrors = hasFlatErrors;
    this.#metrics = metrics;
    this.#onLost = onLost;
  }

  /** The client is behind; what may be skipped should be. */
  get isCongested(): boolean {
    return this.#socket.bufferedAmount > congestedBytes;
  }

  /** Resolves when the client is not behind any more, or gone. */
  async caughtUp(): Promise<void> {
    while (this.isCongested && this.#socket.readyState === this.#socket.OPEN) {
      await this.#lastSent;
      // frames that the socket sends of itself are told to nobody
      if (this.isCongested) await setTimeout(lookAgainMs);
    }
  }

  acknowledge(): void {
    this.#send(connectionAck);
  }

  keepAlive(): void {
    this.#send(this.#protocol.keepAlive);
  }

  /** @param payload JSON text */
  pong(payload: string | null): void {
    this.#send(payload === null ? '{"type":"pong"}' : `{"type":"pong","payload":${payload}}`);
  }

  /** Something is wrong with the connection itself; not every protocol has a frame for that. */
  connectionError(message: string): void {
    const { connectionError } = this.#protocol;
    if (connectionError !== null) this.#send(connectionError(message));
  }

  result(id: string, answer: Bytes): void {
    const head = Buffer.from(`{"type":"${this.#protocol.resultType}","id":${JSON.stringify(id)},"payload":`);
    this.#send(Buffer.concat([head, ...answer, closeBrace]));
  }

  /** A result that is an error; the operation may go on. */
  failure(id: string, error: RequestError): void {
    this.#send(frame(this.#protocol.resultType, id, `{"data":null,"errors":${graphqlErrors(error, false)}}`));
  }

  /** Ends an operation that failed. A subscription that does not come to life has not been executed. */
  failed(id: string, error: RequestError, kind: 'query' | 'subscription'): void {
    const isExecuted = kind === 'query' && (executionCodes.has(error.code) || isPassedOn(error));
    if (this.#protocol.tellsFailureAsResult && isExecuted) this.failure(id, error);
    else this.#send(frame('error', id, this.#errorPayload(error)));
    this.complete(id);
  }

  /** A start that cannot even be looked at: its payload is one bare error. The connection ends where the protocol has a close for it. */
  startFailed(id: string, error: RequestError): void {
    const bare = this.#hasFlatErrors ? flatError(error, false) : graphqlError(error, false);
    this.#send(frame('error', id, bare));
    if (this.#protocol.startFailed === null) this.complete(id);
    else this.#send(frame('error', id, JSON.stringify(error.message)));
  }

  complete(id: string): void {
    this.#send(frame('complete', id, null));
  }

  #errorPayload(error: RequestError): string {
    if (!this.#hasFlatErrors) return this.#protocol.errorPayload(graphqlErrors(error, false));
    const flat = flatError(error, false);
    return this.#protocol.name === 'graphql-ws' ? flat : `[${flat}]`;
  }

  #send(data: string | Buffer): void {
    const socket = this.#socket;
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > lostBytes) {
      this.#onLost();
      return;
    }
    const onSent = this.#metrics === null ? null : countSent(data, this.#metrics);
    if (socket.bufferedAmount + data.length <= congestedBytes && onSent === null) {
      socket.send(data, { binary: false });
      return;
    }
    this.#lastSent = new Promise((resolve) => {
      socket.send(data, { binary: false }, (error) => {
        onSent?.(error);
        resolve();
      });
    });
  }
}

/** Whether it is what another service said. */
function isPassedOn({ extensions, upstreamErrors }: RequestError): boolean {
  return extensions !== undefined || upstreamErrors !== null;
}

const closeBrace = Buffer.from('}');

/** `payload` is JSON text. */
function frame(type: string, id: string, payload: string | null): string {
  const head = `{"type":"${type}","id":${JSON.stringify(id)}`;
  return payload === null ? `${head}}` : `${head},"payload":${payload}}`;
}

function countSent(data: string | Buffer, metrics: Metrics): (error?: Error | null) => void {
  const startedAt = performance.now();
  metrics.webSocketSent(Buffer.byteLength(data));
  return (error) => {
    if (error == null) metrics.webSocketWritten((performance.now() - startedAt) / 1000);
  };
}
