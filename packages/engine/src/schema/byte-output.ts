/** JSON on its way to a socket, written as UTF-8 at once: the strings of a large answer would cost more to collect than the answer to make. */
import { Path, RequestError } from '../support/index.ts';

/** Bytes of the longest answer. */
export const maximumBytes = 2 ** 29 - 2 ** 20;

/** A piece is large enough that handing it on costs nothing to speak of. */
export const pieceBytes = 512 * 1024;
/** So much may be written before somebody looks whether the piece is full, without moving to more memory. */
const slackBytes = 64 * 1024;

/** Shorter texts are written character by character as long as they are ASCII: cheaper than a call into native code. */
const shortText = 48;
/** The same for bytes, which native code copies sooner. */
const shortBytes = 16;

const quote = 0x22;
const backslash = 0x5c;

let nextGeneration = 1;

/** What is repeated is kept in so much memory; when it is full, all of it is forgotten. */
const memoryBytes = 1024 * 1024;
/** Longer texts are not kept. */
const longestKept = 64 * 1024;

/** Writes bytes one behind the other; what is written is taken away in pieces. */
export class ByteWriter {
  #bytes = Buffer.allocUnsafeSlow(pieceBytes + slackBytes);
  #position = 0;
  readonly #memory = Buffer.allocUnsafeSlow(memoryBytes);
  #kept = 0;
  #generation = nextGeneration++;

  /** How many bytes were written since the last `take`: also where the next byte goes. */
  get length(): number {
    return this.#position;
  }

  /** @throws RequestError when the piece becomes too long; the same holds for the other ways to write */
  text(text: string): void {
    const { length } = text;
    this.#reserve(length < shortText ? length * 3 : Buffer.byteLength(text));
    const bytes = this.#bytes;
    const start = this.#position;
    if (length < shortText) {
      let at = 0;
      for (; at < length; at++) {
        const unit = text.charCodeAt(at);
        if (unit > 0x7f) break;
        bytes[start + at] = unit;
      }
      if (at === length) {
        this.#position = start + length;
        return;
      }
    }
    this.#position = start + bytes.write(text, start);
  }

  /** A text as a JSON string. */
  json(text: string): void {
    const { length } = text;
    // each character may need a backslash before it
    this.#reserve(length * 2 + 2);
    const bytes = this.#bytes;
    let position = this.#position;
    bytes[position++] = quote;
    for (let at = 0; at < length; at++) {
      const unit = text.charCodeAt(at);
      if (unit < 0x20 || unit > 0x7e) {
        this.text(JSON.stringify(text));
        return;
      }
      if (unit === quote || unit === backslash) bytes[position++] = backslash;
      bytes[position++] = unit;
    }
    bytes[position++] = quote;
    this.#position = position;
  }

  bytes(given: Uint8Array): void {
    const { length } = given;
    this.#reserve(length);
    const bytes = this.#bytes;
    const start = this.#position;
    if (length < shortBytes) {
      for (let at = 0; at < length; at++) bytes[start + at] = given[at] as number; // at is in range
    } else {
      bytes.set(given, start);
    }
    this.#position = start + length;
  }

  /**
   * Keeps what was written since a position of this piece; null when that is too long. Forgets all that was kept before when there is no room.
   * @returns good for one generation
   */
  keep(from: number): Uint8Array | null {
    const length = this.#position - from;
    if (length > longestKept) return null;
    if (this.#kept + length > memoryBytes) {
      this.#kept = 0;
      this.#generation = nextGeneration++;
    }
    const start = this.#kept;
    this.#kept = start + length;
    this.#bytes.copy(this.#memory, start, from, this.#position);
    return this.#memory.subarray(start, start + length);
  }

  /** What was written since this was last called. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.#position);
    this.#position = 0;
    // a short piece may be kept for long
    if (taken.length < pieceBytes) return Buffer.from(taken);
    this.#bytes = Buffer.allocUnsafeSlow(pieceBytes + slackBytes);
    return taken;
  }

  /** Another number whenever all that was kept is forgotten. */
  get generation(): number {
    return this.#generation;
  }

  #reserve(bytes: number): void {
    const needed = this.#position + bytes;
    if (needed <= this.#bytes.length) return;
    if (needed > maximumBytes) throw tooLong();
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(grown, 0, 0, this.#position);
    this.#bytes = grown;
  }
}

export function tooLong(): RequestError {
  return new RequestError(
    'validation-failed',
    Path.root,
    `the answer to the introspection query is longer than ${maximumBytes} bytes`,
  );
}
