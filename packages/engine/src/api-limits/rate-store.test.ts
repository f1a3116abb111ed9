import { expect, test } from 'vitest';
import { createMemoryRateStore, type RateDecision } from './rate-store.ts';

function storeAt(startSeconds: number) {
  let now = startSeconds;
  const store = createMemoryRateStore(() => now * 1000);
  return {
    at(seconds: number, cost = 1, key = 'k') {
      now = startSeconds + seconds;
      return store.take(key, cost, 3) as RateDecision;
    },
  };
}

test('never more than the limit in any sixty seconds', () => {
  const store = storeAt(1_000_000);
  expect([0, 30, 59.9].map((second) => store.at(second).isAllowed)).toEqual([true, true, true]);
  expect([59.95, 60, 60.9].map((second) => store.at(second).isAllowed)).toEqual([false, false, false]);
  // the first one has left, the others have not
  expect(store.at(61).isAllowed).toBe(true);
  expect(store.at(61).isAllowed).toBe(false);
  expect(store.at(91).isAllowed).toBe(true);
});

test('what is refused is not counted, and told when it fits', () => {
  const store = storeAt(7);
  expect(store.at(0, 2).isAllowed).toBe(true);
  const refused = store.at(20, 2);
  expect(refused).toEqual({ isAllowed: false, retryAfterSeconds: 41 });
  expect(store.at(20).isAllowed).toBe(true);
  expect(store.at(20 + 40.9, 2).isAllowed).toBe(false);
  expect(store.at(20 + 41, 2).isAllowed).toBe(true);
});

test('a caller comes back after a long time, and keys are apart', () => {
  const store = storeAt(0);
  expect(store.at(0, 3).isAllowed).toBe(true);
  expect(store.at(0, 3, 'other').isAllowed).toBe(true);
  expect(store.at(1_000_000, 3).isAllowed).toBe(true);
  expect(store.at(1_000_000 - 500).isAllowed).toBe(false);
});

test('more than the limit at once never fits', () => {
  expect(storeAt(0).at(0, 4)).toEqual({ isAllowed: false, retryAfterSeconds: 61 });
});
