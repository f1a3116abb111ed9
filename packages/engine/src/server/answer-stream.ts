import { PassThrough } from 'node:stream';
import type { Bytes } from '../database/index.ts';
import { InvariantError } from '../support/index.ts';

/** Bytes that may wait for the client; more are made when it has taken them. */
const waitingBytes = 1024 * 1024;

/** An answer that is sent while it is made. */
export class AnswerStream extends PassThrough {
  /** How many bytes were made so far. */
  sizeBytes = 0;

  constructor() {
    super({ highWaterMark: waitingBytes });
    // readers get the error; while there is none, nobody has to be told
    this.on('error', () => {});
  }

  /** Resolves when there is room for more, at once in most cases; rejects when nobody reads any more. */
  add(piece: Uint8Array): Promise<void> | undefined {
    this.sizeBytes += piece.length;
    return this.write(piece) ? undefined : this.#drained();
  }

  #drained(): Promise<void> {
    return new Promise((resolve, reject) => {
      const onDrain = (): void => {
        this.off('close', onClose);
        resolve();
      };
      const onClose = (): void => {
        this.off('drain', onDrain);
        reject(new InvariantError('the reader of an answer went away'));
      };
      if (this.destroyed) {
        onClose();
        return;
      }
      this.once('drain', onDrain);
      this.once('close', onClose);
    });
  }
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
