import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ServiceRecovery } from './service-recovery.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('asks ever less often until nothing failed is left', async () => {
  const state = { isNeeded: true };
  const askedAt: number[] = [];
  const errors: unknown[] = [];
  const start = Date.now();
  const recovery = new ServiceRecovery({
    isNeeded: () => state.isNeeded,
    ask: async () => {
      askedAt.push((Date.now() - start) / 1000);
      if (askedAt.length === 2) throw new Error('no answer');
      if (askedAt.length === 7) state.isNeeded = false;
    },
    onError: (error) => errors.push(error),
  });
  recovery.stateChanged();
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(askedAt).toEqual([15, 45, 105, 225, 465, 765, 1065]);
  expect(errors).toEqual([new Error('no answer')]);
});

test('begins anew with another state, and ends with a stop', async () => {
  const ask = vi.fn(async () => {});
  const recovery = new ServiceRecovery({ isNeeded: () => true, ask, onError() {} });
  recovery.stateChanged();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(ask).toHaveBeenCalledTimes(2);
  recovery.stateChanged();
  await vi.advanceTimersByTimeAsync(15_000);
  expect(ask).toHaveBeenCalledTimes(3);
  recovery.stop();
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(ask).toHaveBeenCalledTimes(3);
});
