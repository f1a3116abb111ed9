import { Readable } from 'node:stream';
import type { Bytes } from '../database/index.ts';
import { InvariantError } from '../support/index.ts';

/** Bytes that may wait for the client; more are made when it has taken them. */
const waitingBytes = 1024 * 1024;

/**
 * An answer that is sent while it is made. Making goes on as soon as there is room for one more piece, not only when all is taken, so that compressing and sending go
 * on beside it.
 */
export class AnswerStream extends Readable {
  /** How many bytes were made so far. */
  sizeBytes = 0;
  #onRoom: (() => void) | null = null;
  #onClose: ((error: Error) => void) | null = null;

  constructor() {
    super({ highWaterMark: waitingBytes });
    // readers get the error; while there is none, nobody has to be told
    this.on('error', () => {});
  }

  /** Resolves when there is room for more, at once in most cases; rejects when nobody reads any more. */
  add(piece: Uint8Array): Promise<void> | undefined {
    this.sizeBytes += piece.length;
    if (this.push(piece)) return undefined;
    if (this.destroyed) return Promise.reject(abandoned());
    return new Promise((resolve, reject) => {
      this.#onRoom = resolve;
      this.#onClose = reject;
    });
  }

  end(): void {
    this.push(null);
  }

  override _read(): void {
    this.#onRoom?.();
    this.#onRoom = null;
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#onClose?.(abandoned());
    done(error);
  }
}

function abandoned(): InvariantError {
  return new InvariantError('the reader of an answer went away');
}

/**
 * An answer whose beginning may come before its end is made.
 * @param run makes it: gives pieces to `onPiece`, if it likes, and resolves to the rest
 * @returns the whole answer when no piece came, else a stream that ends, or fails, as `run` does. Rejects when `run` does before the first piece.
 */
export async function streamed(
  run: (onPiece: (piece: Uint8Array) => Promise<void> | undefined) => Promise<Bytes>,
): Promise<Bytes | AnswerStream> {
  const stream = new AnswerStream();
  let begin: () => void = () => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const whole = run((piece) => {
    begin();
    return stream.add(piece);
  });
  await Promise.race([begun, whole]);
  if (stream.sizeBytes === 0) return whole;
  whole.then(
    (rest) => {
      // what is left is short
      for (const piece of rest) void stream.add(piece);
      stream.end();
    },
    (error: Error) => stream.destroy(error),
  );
  return stream;
}
