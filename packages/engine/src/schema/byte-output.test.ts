import { expect, test } from 'vitest';
import { ByteWriter } from './byte-output.ts';

const texts = [
  'a',
  'é',
  'short, then €',
  '€'.repeat(40),
  'x'.repeat(5000),
  '\u{1f600}',
  '',
  'x'.repeat(300_000),
];

test('text of any length and any characters becomes UTF-8', () => {
  const output = new ByteWriter();
  for (const text of texts) output.text(text);
  output.bytes(Buffer.from('[]'));
  expect(output.length).toBe(Buffer.byteLength(`${texts.join('')}[]`));
  expect(Buffer.from(output.take()).toString()).toBe(`${texts.join('')}[]`);
  expect(output.length).toBe(0);
});

test('JSON strings are those of JSON.stringify', () => {
  const output = new ByteWriter();
  const odd = [...texts, 'a "quoted" \\ word', '\u0000\n\t\u007f', '"é"', '\ud800', '~ }'];
  for (const text of odd) output.json(text);
  expect(Buffer.from(output.take()).toString()).toBe(odd.map((text) => JSON.stringify(text)).join(''));
});

test('what is kept can be repeated in later pieces, until there is no room for more', () => {
  const output = new ByteWriter();
  const keepText = (text: string) => {
    const from = output.length;
    output.text(text);
    return output.keep(from);
  };
  const { generation } = output;
  const short = keepText('short');
  const long = keepText('é'.repeat(1000));
  if (short === null || long === null) throw new Error('not kept');
  output.take();
  output.text('<');
  output.bytes(short);
  output.bytes(long);
  expect(Buffer.from(output.take()).toString()).toBe(`<short${'é'.repeat(1000)}`);
  expect(keepText('x'.repeat(100_000))).toBeNull();
  expect(output.generation).toBe(generation);
  for (let kilobytes = 0; kilobytes < 1100; kilobytes += 50) keepText('y'.repeat(50 * 1024));
  expect(output.generation).not.toBe(generation);
  const again = keepText('again');
  output.take();
  if (again !== null) output.bytes(again);
  expect(Buffer.from(output.take()).toString()).toBe('again');
});
