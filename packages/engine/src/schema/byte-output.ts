/** JSON on its way to a socket, written as UTF-8 at once: the strings of a large answer would cost more to collect than the answer to make. */
import { Path, RequestError } from '../support/index.ts';

/** Bytes of the longest answer. */
const maximumBytes = 2 ** 29 - 2 ** 20;

const firstBytes = 4 * 1024;
/** Shorter texts are written character by character as long as they are ASCII: cheaper than a call into native code. */
const shortLength = 48;

let nextGeneration = 1;

/** Writes bytes one behind the other into memory that grows. */
export class ByteWriter {
  #bytes: Buffer = Buffer.allocUnsafeSlow(firstBytes);
  #position = 0;
  #generation = nextGeneration++;

  /** How many bytes were written. */
  get position(): number {
    return this.#position;
  }

  /** @throws RequestError when the whole becomes too long; the same holds for `bytes` */
  text(text: string): void {
    const { length } = text;
    this.#reserve(length < shortLength ? length * 3 : Buffer.byteLength(text));
    const bytes = this.#bytes;
    const start = this.#position;
    if (length < shortLength) {
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

  bytes(given: Uint8Array): void {
    const { length } = given;
    this.#reserve(length);
    const start = this.#position;
    if (length < shortLength) {
      const bytes = this.#bytes;
      for (let at = 0; at < length; at++) bytes[start + at] = given[at] as number; // at is in range
    } else {
      this.#bytes.set(given, start);
    }
    this.#position = start + length;
  }

  /** Once more what was written between two positions. */
  repeat(start: number, end: number): void {
    const length = end - start;
    this.#reserve(length);
    const bytes = this.#bytes;
    const position = this.#position;
    if (length < shortLength) {
      for (let at = 0; at < length; at++) bytes[position + at] = bytes[start + at] as number; // at is in range
    } else {
      bytes.copyWithin(position, start, end);
    }
    this.#position = position + length;
  }

  copyTo(target: Buffer, position: number, start: number, end: number): void {
    this.#bytes.copy(target, position, start, end);
  }

  /** What was written, until more is. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#position);
  }

  /** Another number after each `clear`, and for each writer: positions are good as long as it stays. */
  get generation(): number {
    return this.#generation;
  }

  /** Begins anew in the same memory. */
  clear(): void {
    this.#position = 0;
    this.#generation = nextGeneration++;
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

/** Where something was written that comes again; good for one generation of a writer. */
export interface Written {
  readonly start: number;
  readonly end: number;
}

const windowBytes = 2 * 1024 * 1024;

interface Entry {
  readonly name: string;
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

/**
 * A JSON list whose items are written in any order and given out by name. Items that follow one another in time are mostly neighbours by name,
 * too: a window of them is put in order before it is kept, so that the whole consists of few pieces.
 */
export class SortedList {
  readonly #window = new ByteWriter();
  #waiting: { readonly name: string; readonly start: number; readonly end: number }[] = [];
  readonly #entries: Entry[] = [];
  #length = 0;

  /** @throws RequestError when the whole becomes too long */
  add(name: string, write: (output: ByteWriter) => void): void {
    const start = this.#window.position;
    this.#window.text(',');
    write(this.#window);
    const end = this.#window.position;
    this.#waiting.push({ name, start, end });
    this.#length += end - start;
    if (this.#length > maximumBytes) throw tooLong();
    if (end > windowBytes) this.#keep();
  }

  /** The list with its brackets, after the last `add`. */
  pieces(): readonly Uint8Array[] {
    this.#keep();
    const [first, ...others] = this.#entries.sort(compareNames);
    if (first === undefined) return [Buffer.from('[]')];
    const pieces: Uint8Array[] = [Buffer.from('[')];
    // the first item has a comma before it, as all have
    let [bytes, start, end] = [first.bytes, first.start + 1, first.end];
    for (const entry of others) {
      if (entry.bytes === bytes && entry.start === end) {
        end = entry.end;
        continue;
      }
      pieces.push(bytes.subarray(start, end));
      ({ bytes, start, end } = entry);
    }
    pieces.push(bytes.subarray(start, end), Buffer.from(']'));
    return pieces;
  }

  #keep(): void {
    if (this.#waiting.length === 0) return;
    const bytes = Buffer.allocUnsafeSlow(this.#window.position);
    let position = 0;
    for (const { name, start, end } of this.#waiting.sort(compareNames)) {
      this.#window.copyTo(bytes, position, start, end);
      this.#entries.push({ name, bytes, start: position, end: position + end - start });
      position += end - start;
    }
    this.#waiting = [];
    this.#window.clear();
  }
}

export function compareNames(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

function tooLong(): RequestError {
  return new RequestError(
    'validation-failed',
    Path.root,
    `the answer to the introspection query is longer than ${maximumBytes} bytes`,
  );
}
