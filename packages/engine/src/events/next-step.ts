import type { Attempt, NextStep, RetryRule } from './types.ts';

/** A webhook that always says "later" is believed this many times beyond the configured retries. Source: spec/events.md G 3. */
const extraAttempts = 10;

/**
 * What becomes of an event after an attempt. Source: spec/events.md A5.2.
 * @param tries attempts before this one
 */
export function nextStep(
  { result, retryAfterSeconds }: Pick<Attempt, 'result' | 'retryAfterSeconds'>,
  tries: number,
  { retries, intervalSeconds }: RetryRule,
): NextStep {
  if (result === 'delivered') return { kind: 'delivered' };
  if (result === 'unsendable') return { kind: 'error' };
  if (retryAfterSeconds !== null && tries < retries + extraAttempts) {
    return { kind: 'retry', afterSeconds: retryAfterSeconds };
  }
  return tries < retries ? { kind: 'retry', afterSeconds: intervalSeconds } : { kind: 'error' };
}
