import { CronSyntaxError, parseSchedule } from '../../cron/index.ts';
import type { Json } from '../../support/index.ts';
import {
  boolean,
  type Codec,
  defaulted,
  failMismatch,
  integer,
  json,
  nonEmptyText,
  number,
  object,
  optional,
  type Place,
  refine,
  required,
  text,
} from '../codec/index.ts';
import type { CronTriggerMetadata, ScheduledRetry } from '../types.ts';
import { headers, requestTransform, responseTransform } from './common.ts';

export const defaultCronRetry = {
  num_retries: 0,
  retry_interval_seconds: 10,
  timeout_seconds: 60,
  tolerance_seconds: 21_600,
} as const satisfies ScheduledRetry;

/** Of cron triggers and of single events. Source: spec/events.md B1. */
export const scheduledRetry: Codec<ScheduledRetry> = refine(
  object('STRetryConf', {
    num_retries: defaulted(integer, defaultCronRetry.num_retries as number),
    retry_interval_seconds: defaulted(number, defaultCronRetry.retry_interval_seconds as number),
    timeout_seconds: defaulted(number, defaultCronRetry.timeout_seconds as number),
    tolerance_seconds: defaulted(number, defaultCronRetry.tolerance_seconds as number),
  }),
  (given, place) => {
    for (const [key, value] of Object.entries(given)) {
      if (value < 0) return place.fail(`${key} cannot be a negative value`);
    }
    return given;
  },
);

/** A URL with `{{NAME}}` for variables of the environment. */
const webhook: Codec<Json> = refine(json, (given, place) =>
  isStored(place) || typeof given === 'string' ? given : failMismatch('Text', 'String', given, place),
);

const schedule: Codec<string> = refine(nonEmptyText, (given, place) => {
  if (isStored(place)) return given;
  try {
    parseSchedule(given);
  } catch (error) {
    if (!(error instanceof CronSyntaxError)) throw error;
    return place.fail(`parsing CronSchedule failed, ${error.message}`);
  }
  return given;
});

/** What was stored is read, whatever it says: what is wrong with it is an inconsistency, and nothing that keeps the engine from starting. */
function isStored({ unknownKeys }: Place): boolean {
  return unknownKeys === 'keep';
}

export const cronTrigger: Codec<CronTriggerMetadata> = object('CronTriggerMetadata', {
  name: required(nonEmptyText),
  webhook: required(webhook),
  schedule: required(schedule),
  include_in_metadata: required(boolean),
  payload: optional(json, () => false),
  retry_conf: optional(scheduledRetry, isDefaultRetry),
  headers: optional(headers),
  comment: optional(text),
  request_transform: optional(requestTransform),
  response_transform: optional(responseTransform),
});

function isDefaultRetry(given: ScheduledRetry): boolean {
  return Object.entries(defaultCronRetry).every(
    ([key, value]) => given[key as keyof ScheduledRetry] === value,
  );
}
