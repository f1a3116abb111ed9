import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LargeRow } from './large-row.ts';

function encode(values: readonly (Uint8Array | null)[]): Buffer {
  const count = Buffer.alloc(2);
  count.writeInt16BE(values.length);
  const parts = values.flatMap((value) => {
    const length = Buffer.alloc(4);
    length.writeInt32BE(value === null ? -1 : value.length);
    return value === null ? [length] : [length, value];
  });
  return Buffer.concat([count, ...parts]);
}

test('values come out as they went in, however the row is cut', () => {
  const value = fc.option(fc.uint8Array({ maxLength: 300 }), { nil: null });
  const cuts = fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(fc.array(value, { maxLength: 300 }), cuts, (values, lengths) => {
      const body = encode(values);
      const row = new LargeRow();
      for (let position = 0, turn = 0; position < body.length; turn++) {
        const end = Math.min(position + (lengths[turn % lengths.length] ?? 1), body.length);
        row.push(body, position, end);
        position = end;
      }
      expect(row.values.map((pieces) => pieces && Uint8Array.from(Buffer.concat(pieces)))).toEqual(values);
    }),
  );
});
