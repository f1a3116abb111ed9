/** Receives complete messages: the body of a message of `type` is `buffer` from `start` to `end`. */
export interface MessageHandler {
  onMessage(type: number, buffer: Buffer, start: number, end: number): void;
  /** A large message begins. To have its body as it arrives, return a sink for it; `onMessage` is then not called. */
  onLargeMessage?(type: number): PieceSink | null;
}

/** Takes the body of one message in pieces. */
export interface PieceSink {
  push(buffer: Buffer, start: number, end: number): void;
}

/** What is larger and not yet complete is offered in pieces. */
const LARGE_BYTES = 16 * 1024;

const HEADER_BYTES = 5;
/** PostgreSQL's own limit of one message. */
const MAX_MESSAGE_BYTES = 0x3fffffff + HEADER_BYTES;

/**
 * Cuts the stream into messages. A message that lies within one chunk is handed over in place; one that spans chunks is
 * gathered once into a buffer of its size. The handler may keep what it is given: no buffer is written twice.
 */
export class MessageReader {
  readonly #handler: MessageHandler;
  /** A message of which a part has arrived; `null` between messages. Of its full size, or of `HEADER_BYTES` while the size is unknown. */
  #partial: Buffer | null = null;
  #filled = 0;
  /** Takes the message that is arriving, and how much of it is still to come. */
  #sink: PieceSink | null = null;
  #sinkMissing = 0;

  constructor(handler: MessageHandler) {
    this.#handler = handler;
  }

  /** Throws when the bytes are no messages; the stream is then lost. */
  push(chunk: Buffer): void {
    const length = chunk.length;
    let position = 0;
    if (this.#sink !== null) position = this.#feed(this.#sink, chunk, 0);
    else if (this.#partial !== null) position = this.#resume(chunk);
    while (length - position >= HEADER_BYTES) {
      const size = messageSize(chunk, position);
      const end = position + size;
      if (end > length) {
        if (size < LARGE_BYTES || !this.#begin(chunk, position, size)) this.#keep(chunk, position, size);
        return;
      }
      this.#handler.onMessage(chunk[position] as number, chunk, position + HEADER_BYTES, end); // position < length
      position = end;
    }
    if (position < length) this.#keep(chunk, position, HEADER_BYTES);
  }

  /** Completes the partial message from the chunk if it can; returns how much of the chunk was used. */
  #resume(chunk: Buffer): number {
    let position = 0;
    for (;;) {
      const partial = this.#partial as Buffer; // called only while there is one
      const wanted = Math.min(partial.length - this.#filled, chunk.length - position);
      chunk.copy(partial, this.#filled, position, position + wanted);
      this.#filled += wanted;
      position += wanted;
      if (this.#filled < partial.length) return position;
      const size = messageSize(partial, 0);
      if (size > partial.length) {
        this.#keep(partial, 0, size); // only the header was known
        continue;
      }
      this.#partial = null;
      this.#handler.onMessage(partial[0] as number, partial, HEADER_BYTES, size); // it has at least a header
      return position;
    }
  }

  /** Hands what has arrived of a large message to the handler's sink, if it gives one. */
  #begin(chunk: Buffer, position: number, size: number): boolean {
    const sink = this.#handler.onLargeMessage?.(chunk[position] as number) ?? null; // its header is there
    if (sink === null) return false;
    this.#sink = sink;
    this.#sinkMissing = size - HEADER_BYTES;
    this.#feed(sink, chunk, position + HEADER_BYTES);
    return true;
  }

  #feed(sink: PieceSink, chunk: Buffer, position: number): number {
    const end = Math.min(position + this.#sinkMissing, chunk.length);
    sink.push(chunk, position, end);
    this.#sinkMissing -= end - position;
    if (this.#sinkMissing === 0) this.#sink = null;
    return end;
  }

  #keep(buffer: Buffer, position: number, size: number): void {
    const partial = Buffer.allocUnsafe(size);
    this.#filled = buffer.copy(partial, 0, position);
    this.#partial = partial;
  }
}

function messageSize(buffer: Buffer, at: number): number {
  const size = 1 + readInt32(buffer, at + 1);
  if (size < HEADER_BYTES || size > MAX_MESSAGE_BYTES)
    throw new Error(`a message of ${size} bytes was announced`);
  return size;
}

/** Big-endian; the caller knows that four bytes are there. */
export function readInt32(buffer: Buffer, at: number): number {
  return (
    ((buffer[at] as number) << 24) |
    ((buffer[at + 1] as number) << 16) |
    ((buffer[at + 2] as number) << 8) |
    (buffer[at + 3] as number)
  );
}

export function readInt16(buffer: Buffer, at: number): number {
  return ((buffer[at] as number) << 8) | (buffer[at + 1] as number);
}

/** The text up to the next zero byte; `end` is the place behind that byte. */
export function readCString(
  buffer: Buffer,
  start: number,
  limit: number,
): { readonly text: string; readonly end: number } {
  const zero = buffer.indexOf(0, start);
  const stop = zero === -1 || zero >= limit ? limit : zero;
  return { text: buffer.toString('utf8', start, stop), end: stop + 1 };
}
