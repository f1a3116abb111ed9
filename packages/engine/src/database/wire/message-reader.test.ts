import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MessageReader } from './message-reader.ts';

function encode(type: number, body: Uint8Array): Buffer {
  const message = Buffer.alloc(5 + body.length);
  message[0] = type;
  message.writeInt32BE(4 + body.length, 1);
  message.set(body, 5);
  return message;
}

test('messages come out as they went in, however the stream is cut', () => {
  const message = fc.record({
    type: fc.integer({ min: 1, max: 255 }),
    body: fc.uint8Array({ maxLength: 40 }),
  });
  const cuts = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(fc.array(message, { maxLength: 20 }), cuts, (messages, lengths) => {
      const stream = Buffer.concat(messages.map(({ type, body }) => encode(type, body)));
      const received: { type: number; body: Uint8Array }[] = [];
      const reader = new MessageReader({
        onMessage: (type, buffer, start, end) =>
          received.push({ type, body: Uint8Array.from(buffer.subarray(start, end)) }),
      });
      for (let position = 0, turn = 0; position < stream.length; turn++) {
        const length = lengths[turn % lengths.length] ?? 1;
        reader.push(stream.subarray(position, position + length));
        position += length;
      }
      expect(received).toEqual(messages);
    }),
  );
});

test('a large message is given in pieces to whoever wants it so, and the next one is found behind it', () => {
  const body = Buffer.alloc(100_000, 'abcdefg');
  const stream = Buffer.concat([
    encode(1, Buffer.from('a')),
    encode(2, body),
    encode(3, body),
    encode(4, Buffer.from('b')),
  ]);
  for (const step of [7, 1_000, 16_384, 65_536, 150_000, stream.length]) {
    const pieces: Buffer[] = [];
    const whole: [number, Buffer][] = [];
    const reader = new MessageReader({
      onMessage: (type, buffer, start, end) => whole.push([type, buffer.subarray(start, end)]),
      onLargeMessage: (type) =>
        type === 2 ? { push: (buffer, start, end) => pieces.push(buffer.subarray(start, end)) } : null,
    });
    for (let position = 0; position < stream.length; position += step) {
      reader.push(stream.subarray(position, position + step));
    }
    const seen = new Map(whole);
    expect([...seen.keys()].filter((type) => type !== 2)).toEqual([1, 3, 4]);
    expect((seen.get(2) ?? Buffer.concat(pieces)).equals(body)).toBe(true);
    expect(seen.get(3)?.equals(body)).toBe(true);
  }
});

test.each([0, 3, 0x7fffffff, -1])('a length of %i is no message', (length) => {
  const reader = new MessageReader({ onMessage: () => {} });
  const header = Buffer.alloc(5);
  header[0] = 0x44;
  header.writeInt32BE(length, 1);
  expect(() => reader.push(header)).toThrow('was announced');
});
