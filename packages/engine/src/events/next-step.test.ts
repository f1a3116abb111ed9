import { expect, test } from 'vitest';
import { nextStep } from './next-step.ts';

const rule = { retries: 2, intervalSeconds: 5 };
const failed = { result: 'failed', retryAfterSeconds: null } as const;

test.each([0, 1])('after %i tries there is another attempt', (tries) => {
  expect(nextStep(failed, tries, rule)).toEqual({ kind: 'retry', afterSeconds: 5 });
});

test('the last attempt is number retries + 1', () => {
  expect(nextStep(failed, 2, rule)).toEqual({ kind: 'error' });
});

test('a wish of the webhook counts beyond the retries, ten times', () => {
  const later = { result: 'failed', retryAfterSeconds: 30 } as const;
  expect(nextStep(later, 11, rule)).toEqual({ kind: 'retry', afterSeconds: 30 });
  expect(nextStep(later, 12, rule)).toEqual({ kind: 'error' });
});

test('what cannot be sent is given up at once', () => {
  expect(nextStep({ result: 'unsendable', retryAfterSeconds: null }, 0, rule)).toEqual({ kind: 'error' });
});
