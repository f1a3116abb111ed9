import type { Bytes, Parameter } from '../types.ts';
import {
  BIND,
  CLOSE,
  COPY_FAIL,
  DESCRIBE,
  EXECUTE,
  PARSE,
  PASSWORD,
  PROTOCOL_VERSION,
  QUERY,
  SYNC,
  TERMINATE,
} from './messages.ts';

const SLAB_BYTES = 32 * 1024;
/** Shorter strings are reserved at their largest possible UTF-8 size instead of being measured first. */
const MEASURED_LENGTH = 512;
/** Shorter strings are written character by character as long as they are ASCII: cheaper than a call into native code. */
const SHORT_LENGTH = 24;

/** Execute of the unnamed portal without row limit. */
const EXECUTE_MESSAGE = Uint8Array.of(EXECUTE, 0, 0, 0, 9, 0, 0, 0, 0, 0);

/**
 * Encodes messages one behind the other into slabs; `take` gives what was written since the last call. A slab is never written twice,
 * so that the socket may keep what it was given.
 */
export class MessageWriter {
  /** What stands before the slab's pending bytes; empty unless there are pieces that are passed on as they came. */
  #before: Uint8Array[] = [];
  #buffer: Buffer = Buffer.allocUnsafeSlow(SLAB_BYTES);
  #start = 0;
  #position = 0;

  get isEmpty(): boolean {
    return this.#start === this.#position && this.#before.length === 0;
  }

  /** In the order in which they are to be sent. */
  take(): readonly Uint8Array[] {
    const last = this.#buffer.subarray(this.#start, this.#position);
    const bytes = this.#before.length === 0 ? [last] : [...this.#before, last];
    if (bytes.length > 1) this.#before = [];
    this.#start = this.#position;
    if (this.#buffer.length > SLAB_BYTES) {
      // made for one large message, which would otherwise be held until the next one
      this.#buffer = Buffer.allocUnsafeSlow(SLAB_BYTES);
      this.#start = 0;
      this.#position = 0;
    }
    return bytes;
  }

  parse(name: string, text: string): void {
    const start = this.#open(PARSE, 8 + name.length * 3 + Buffer.byteLength(text));
    this.#cString(name);
    this.#cString(text);
    this.#int16(0); // no parameter types: the server infers them from the casts in the text
    this.#close(start);
  }

  describeStatement(name: string): void {
    const start = this.#open(DESCRIBE, 2 + name.length * 3);
    this.#buffer[this.#position++] = 0x53; // S: a statement, not a portal
    this.#cString(name);
    this.#close(start);
  }

  closeStatement(name: string): void {
    const start = this.#open(CLOSE, 2 + name.length * 3);
    this.#buffer[this.#position++] = 0x53;
    this.#cString(name);
    this.#close(start);
  }

  sync(): void {
    this.#close(this.#open(SYNC, 0));
  }

  /** Bind to the unnamed portal (text in both directions), Execute. */
  bindExecute(name: string, parameters: readonly Parameter[]): void {
    const count = parameters.length;
    let size = 10 + name.length * 3 + EXECUTE_MESSAGE.length;
    for (let i = 0; i < count; i++) {
      const value = parameters[i];
      if (value === null || value === undefined || typeof value !== 'string') size += 4;
      else size += 4 + (value.length < MEASURED_LENGTH ? value.length * 3 : Buffer.byteLength(value));
    }
    const start = this.#open(BIND, size);
    const buffer = this.#buffer;
    let passedOn = 0;
    buffer[this.#position++] = 0; // the unnamed portal
    this.#cString(name);
    this.#int16(0); // all parameters are text
    this.#int16(count);
    for (let i = 0; i < count; i++) {
      const value = parameters[i];
      if (value === null || value === undefined) {
        this.#int32(-1);
        continue;
      }
      if (typeof value !== 'string') {
        passedOn += this.#pieces(value);
        continue;
      }
      const lengthAt = this.#position;
      this.#position += 4;
      const length = this.#string(value);
      writeInt32(buffer, length, lengthAt);
    }
    this.#int16(0); // all results are text
    this.#close(start, passedOn);
    let position = this.#position;
    for (let i = 0; i < EXECUTE_MESSAGE.length; i++) buffer[position++] = EXECUTE_MESSAGE[i] as number; // i is in range
    this.#position = position;
  }

  /** The simple protocol. */
  query(text: string): void {
    const start = this.#open(QUERY, 1 + Buffer.byteLength(text));
    this.#cString(text);
    this.#close(start);
  }

  password(body: Uint8Array): void {
    const start = this.#open(PASSWORD, body.length);
    this.#buffer.set(body, this.#position);
    this.#position += body.length;
    this.#close(start);
  }

  copyFail(reason: string): void {
    const start = this.#open(COPY_FAIL, 1 + reason.length * 3);
    this.#cString(reason);
    this.#close(start);
  }

  terminate(): void {
    this.#close(this.#open(TERMINATE, 0));
  }

  /** The first message of a session; it has no type byte. */
  startup(parameters: readonly (readonly [name: string, value: string])[]): void {
    let size = 9;
    for (const [name, value] of parameters) size += 2 + Buffer.byteLength(name) + Buffer.byteLength(value);
    this.#reserve(size);
    const start = this.#position;
    this.#position += 4;
    this.#int32(PROTOCOL_VERSION);
    for (const [name, value] of parameters) {
      this.#cString(name);
      this.#cString(value);
    }
    this.#buffer[this.#position++] = 0;
    writeInt32(this.#buffer, this.#position - start, start);
  }

  /** Begins a message with room for a body of `size` bytes; returns the place of its length. */
  #open(type: number, size: number): number {
    this.#reserve(5 + size);
    this.#buffer[this.#position] = type;
    const lengthAt = this.#position + 1;
    this.#position += 5;
    return lengthAt;
  }

  /** @param passedOn bytes of the message that are not in the slab */
  #close(lengthAt: number, passedOn = 0): void {
    writeInt32(this.#buffer, this.#position - lengthAt + passedOn, lengthAt);
  }

  /** A value that is passed on as it came: only its length is written. Room is reserved, so that the slab stays the one that the message began in. */
  #pieces(pieces: Bytes): number {
    let length = 0;
    for (const piece of pieces) length += piece.length;
    this.#int32(length);
    this.#before.push(this.#buffer.subarray(this.#start, this.#position), ...pieces);
    this.#start = this.#position;
    return length;
  }

  #reserve(size: number): void {
    if (this.#buffer.length - this.#position >= size) return;
    const pending = this.#position - this.#start;
    const buffer = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, pending + size));
    this.#buffer.copy(buffer, 0, this.#start, this.#position);
    this.#buffer = buffer;
    this.#start = 0;
    this.#position = pending;
  }

  #int16(value: number): void {
    this.#buffer[this.#position++] = value >>> 8;
    this.#buffer[this.#position++] = value;
  }

  #int32(value: number): void {
    writeInt32(this.#buffer, value, this.#position);
    this.#position += 4;
  }

  #cString(value: string): void {
    this.#string(value);
    this.#buffer[this.#position++] = 0;
  }

  /** Writes UTF-8 at the position; returns the number of bytes. */
  #string(value: string): number {
    const buffer = this.#buffer;
    const start = this.#position;
    const length = value.length;
    if (length <= SHORT_LENGTH) {
      let i = 0;
      for (; i < length; i++) {
        const unit = value.charCodeAt(i);
        if (unit > 0x7f) break;
        buffer[start + i] = unit;
      }
      if (i === length) {
        this.#position = start + length;
        return length;
      }
    }
    const written = buffer.write(value, start, 'utf8');
    this.#position = start + written;
    return written;
  }
}

function writeInt32(buffer: Buffer, value: number, at: number): void {
  buffer[at] = value >>> 24;
  buffer[at + 1] = value >>> 16;
  buffer[at + 2] = value >>> 8;
  buffer[at + 3] = value;
}
