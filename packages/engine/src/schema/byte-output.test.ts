import { expect, test } from 'vitest';
import { ByteWriter, SortedList } from './byte-output.ts';

const written = (pieces: readonly Uint8Array[]) => Buffer.concat(pieces).toString();

test('text of any length and any characters becomes UTF-8', () => {
  const output = new ByteWriter();
  const texts = ['a', 'é', 'short, then €', '€'.repeat(40), 'x'.repeat(5000), '\u{1f600}', ''];
  for (const text of texts) output.text(text);
  const end = output.position;
  output.bytes(Buffer.from('['));
  output.repeat(0, 1);
  output.repeat(1, end);
  expect(Buffer.from(output.view()).toString()).toBe(`${texts.join('')}[${texts.join('')}`);
  const before = output.generation;
  output.clear();
  output.text('new');
  expect([Buffer.from(output.view()).toString(), output.generation === before]).toEqual(['new', false]);
});

test('items come out by name, in few pieces, however many windows they fill', () => {
  const list = new SortedList();
  const names = Array.from(
    { length: 3000 },
    (_, index) => `n${String((index * 7919) % 3000).padStart(4, '0')}`,
  );
  const item = (name: string) => JSON.stringify(`${name} ${'é'.repeat(1000)}`);
  for (const name of names) list.add(name, (output) => output.text(item(name)));
  const pieces = list.pieces();
  expect(written(pieces)).toBe(`[${[...names].sort().map(item).join(',')}]`);
  const ordered = new SortedList();
  for (const name of [...names].sort()) ordered.add(name, (output) => output.text(item(name)));
  expect(ordered.pieces().length).toBeLessThan(8);
});

test('an empty list', () => {
  expect(written(new SortedList().pieces())).toBe('[]');
});
