import type { Bytes } from '../types.ts';
import type { PieceSink } from './message-reader.ts';

const COUNT_BYTES = 2;
const LENGTH_BYTES = 4;

/** Reads a DataRow while it arrives: its values become lists of the pieces in which they came, nothing is copied or joined. */
export class LargeRow implements PieceSink {
  readonly values: (Bytes | null)[] = [];
  /** Bytes of the number that is being read: first the number of columns, then the length of each value. */
  #numberMissing = COUNT_BYTES;
  #number = 0;
  #isCountKnown = false;
  #pieces: Uint8Array[] = [];
  #valueMissing = 0;

  push(buffer: Buffer, start: number, end: number): void {
    let position = start;
    while (position < end) {
      if (this.#valueMissing > 0) {
        const stop = Math.min(position + this.#valueMissing, end);
        this.#pieces.push(buffer.subarray(position, stop));
        this.#valueMissing -= stop - position;
        position = stop;
        continue;
      }
      this.#number = (this.#number << 8) | (buffer[position++] as number); // position < end
      this.#numberMissing -= 1;
      if (this.#numberMissing === 0) this.#onNumber(this.#number);
    }
  }

  #onNumber(number: number): void {
    this.#number = 0;
    this.#numberMissing = LENGTH_BYTES;
    if (!this.#isCountKnown) {
      this.#isCountKnown = true;
    } else if (number < 0) {
      this.values.push(null);
    } else {
      this.#pieces = [];
      this.values.push(this.#pieces);
      this.#valueMissing = number;
    }
  }
}
