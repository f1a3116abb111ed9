import { expect, test } from 'vitest';
import { AnswerStream, streamed } from './answer-stream.ts';

const bytes = (text: string) => Buffer.from(text);

async function read(stream: AnswerStream): Promise<string> {
  let text = '';
  for await (const piece of stream) text += String(piece);
  return text;
}

test('an answer in one go stays what it is, and so does a failure', async () => {
  const whole = [bytes('whole')];
  expect(await streamed(async () => whole)).toBe(whole);
  await expect(streamed(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
});

test('pieces come before the rest, and are made no faster than they are read', async () => {
  let made = 0;
  const answer = await streamed(async (onPiece) => {
    for (; made < 50; made++) await onPiece(bytes('x'.repeat(100_000)));
    return [bytes('rest')];
  });
  if (!(answer instanceof AnswerStream)) throw new Error('no stream');
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(made).toBeLessThan(40);
  expect(await read(answer)).toBe(`${'x'.repeat(5_000_000)}rest`);
  expect(answer.sizeBytes).toBe(5_000_004);
});

test('a failure after the first piece reaches the reader', async () => {
  const answer = await streamed(async (onPiece) => {
    await onPiece(bytes('begin'));
    throw new Error('cut');
  });
  if (!(answer instanceof AnswerStream)) throw new Error('no stream');
  await expect(read(answer)).rejects.toThrow('cut');
});

test('the work ends when nobody reads any more', async () => {
  let failure: unknown = null;
  const answer = await streamed(async (onPiece) => {
    try {
      for (;;) await onPiece(bytes('x'.repeat(100_000)));
    } catch (error) {
      failure = error;
      throw error;
    }
  });
  if (!(answer instanceof AnswerStream)) throw new Error('no stream');
  answer.destroy();
  await expect.poll(() => String(failure)).toContain('went away');
});
