import { type CronSchedule, CronSyntaxError, parseSchedule } from '../cron/index.ts';
import type { EventTriggerMetadata } from '../metadata/index.ts';
import { type Json, JsonNumber } from '../support/index.ts';

/** When and how the log of a trigger is cleaned up. Source: spec/events.md A6. */
export interface CleanUpPlan {
  readonly schedule: CronSchedule;
  readonly batchSize: number;
  readonly olderThanHours: number;
  readonly timeoutSeconds: number;
  readonly cleansInvocations: boolean;
  readonly isPaused: boolean;
}

/** Null: nothing is cleaned up. @throws CleanUpPlanError */
export function cleanUpPlanOf({ cleanup_config: given }: EventTriggerMetadata): CleanUpPlan | null {
  if (given === undefined) return null;
  const text = given['schedule'];
  if (typeof text !== 'string') throw new CleanUpPlanError('the schedule is missing');
  return {
    schedule: readSchedule(text),
    batchSize: numberOf(given, 'batch_size', 10_000, 1),
    olderThanHours: numberOf(given, 'clear_older_than', null, 0),
    timeoutSeconds: numberOf(given, 'timeout', 60, 1),
    cleansInvocations: given['clean_invocation_logs'] === true,
    isPaused: given['paused'] === true,
  };
}

/** The configuration cannot be used; the message says why. */
export class CleanUpPlanError extends Error {
  override readonly name = 'CleanUpPlanError';
}

function readSchedule(text: string): CronSchedule {
  try {
    return parseSchedule(text);
  } catch (error) {
    if (error instanceof CronSyntaxError) throw new CleanUpPlanError(error.message);
    throw error;
  }
}

/** PostgreSQL takes it as `int`. */
const largest = 2_147_483_647;

function numberOf(
  given: Readonly<Record<string, Json>>,
  key: string,
  fallback: number | null,
  least: number,
): number {
  const value = given[key] ?? fallback;
  const number = value instanceof JsonNumber ? Number(value.toString()) : value;
  if (typeof number === 'number' && Number.isInteger(number) && number >= least && number <= largest) {
    return number;
  }
  throw new CleanUpPlanError(`${key} is no number that can be used`);
}
