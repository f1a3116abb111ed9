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

test.each([0, 3, 0x7fffffff, -1])('a length of %i is no message', (length) => {
  const reader = new MessageReader({ onMessage: () => {} });
  const header = Buffer.alloc(5);
  header[0] = 0x44;
  header.writeInt32BE(length, 1);
  expect(() => reader.push(header)).toThrow('was announced');
});
