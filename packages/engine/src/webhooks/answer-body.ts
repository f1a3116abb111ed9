import type { IncomingMessage } from 'node:http';
import { pipeline, type Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { WebhookError } from './webhook-error.ts';

/** Reads an answer to its end. The bound holds for the decompressed body, so that a small answer cannot become a large one. */
export async function readAnswer(message: IncomingMessage, maximumBytes: number): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of decompressed(message) as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > maximumBytes) {
      message.destroy();
      throw new WebhookError('answer-too-large', `The answer is larger than ${maximumBytes} bytes`);
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function decompressed(message: IncomingMessage): Readable {
  const decoder = decoderOf(message.headers['content-encoding']?.trim().toLowerCase());
  // the callback is needed, but whoever iterates the decoder receives the error, too
  return decoder === null ? message : pipeline(message, decoder, () => {});
}

function decoderOf(encoding: string | undefined) {
  switch (encoding) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'deflate':
      return createInflate();
    case 'br':
      return createBrotliDecompress();
    default:
      return null;
  }
}
