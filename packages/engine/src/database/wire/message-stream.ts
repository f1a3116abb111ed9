import type { Socket } from 'node:net';
import { DatabaseConnectionError } from '../types.ts';
import { MessageReader } from './message-reader.ts';

export interface Message {
  readonly type: number;
  readonly body: Buffer;
}

/** Messages one at a time, for the start of a session, where the next step depends on the last answer. */
export class MessageStream {
  readonly #socket: Socket;
  readonly #messages: Message[] = [];
  #wake: (() => void) | null = null;
  #failure: Error | null = null;
  readonly #reader = new MessageReader({
    onMessage: (type, buffer, start, end) =>
      void this.#messages.push({ type, body: buffer.subarray(start, end) }),
  });

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', this.#onData);
    socket.on('error', this.#onError);
    socket.on('close', this.#onClose);
    socket.resume();
  }

  async next(): Promise<Message> {
    for (;;) {
      const message = this.#messages.shift();
      if (message !== undefined) return message;
      if (this.#failure !== null) throw this.#failure;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Stops reading; nothing may be left over, since the server waits for us now. */
  detach(): void {
    this.#socket.pause();
    this.#socket.off('data', this.#onData);
    this.#socket.off('error', this.#onError);
    this.#socket.off('close', this.#onClose);
    if (this.#failure !== null) throw this.#failure;
  }

  readonly #onData = (chunk: Buffer): void => {
    try {
      this.#reader.push(chunk);
    } catch (cause) {
      this.#fail(new DatabaseConnectionError('the server does not speak the PostgreSQL protocol', { cause }));
      return;
    }
    this.#wake?.();
  };

  readonly #onError = (error: Error): void => this.#fail(error);

  readonly #onClose = (): void =>
    this.#fail(new DatabaseConnectionError('server closed the connection unexpectedly'));

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#wake?.();
  }
}
