import { CronSyntaxError, parseSchedule } from '../cron/index.ts';
import { type CronTriggerMetadata, type Metadata, storedForm } from '../metadata/index.ts';
import type { Inconsistency } from '../model/index.ts';
import { type Json, type JsonObject, RequestError } from '../support/index.ts';
import { type Environment, resolveHeaders, resolveUrl } from '../webhooks/index.ts';
import type { CronTriggers } from './types.ts';

/** The cron triggers that cannot run. Source: spec/events.md B1, A4. */
export function inconsistentCronTriggers(
  { cron_triggers: triggers = [] }: Metadata,
  environment: Environment,
): readonly Inconsistency[] {
  return triggers.flatMap((trigger) => {
    const problem = problemOf(trigger, environment);
    return problem === null ? [] : [inconsistency(trigger, problem)];
  });
}

/** The others, by name. @param environment null: whether it has what webhooks and headers name does not matter */
export function runnableCronTriggers(
  { cron_triggers: triggers = [] }: Metadata,
  environment: Environment | null,
): CronTriggers {
  return new Map(
    triggers
      .filter((trigger) => problemOf(trigger, environment) === null)
      .map((trigger) => [trigger.name, trigger]),
  );
}

function problemOf(
  { webhook, headers, schedule }: CronTriggerMetadata,
  environment: Environment | null,
): string | null {
  if (typeof webhook !== 'string') return 'the webhook is no text';
  try {
    parseSchedule(schedule);
    if (environment === null) return null;
    resolveUrl(webhook, environment);
    resolveHeaders(headers, environment);
    return null;
  } catch (error) {
    if (error instanceof RequestError || error instanceof CronSyntaxError) return error.message;
    throw error;
  }
}

function inconsistency(trigger: CronTriggerMetadata, problem: string): Inconsistency {
  const { name } = trigger;
  return {
    type: 'cron_trigger',
    name: `cron_trigger ${name}`,
    reason: `Inconsistent object: in cron trigger ${name}: ${problem}`,
    definition: definitionOf(trigger),
    object: { kind: 'other', type: 'cron_trigger', name },
  };
}

/** As it is exported. */
export function definitionOf(trigger: CronTriggerMetadata): JsonObject {
  const document = storedForm({ version: 3, sources: [], cron_triggers: [trigger] });
  const [definition] = document['cron_triggers'] as readonly Json[];
  return definition as JsonObject;
}
