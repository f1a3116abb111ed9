import type { CatalogTable, QualifiedName } from '../catalog/index.ts';
import {
  displayName,
  type EventTriggerMetadata,
  type Metadata,
  type SourceMetadata,
} from '../metadata/index.ts';
import type { Inconsistency } from '../model/index.ts';
import { type Json, RequestError } from '../support/index.ts';
import { type Environment, environmentValue, resolveHeaders, resolveUrl } from '../webhooks/index.ts';
import { CleanUpPlanError, cleanUpPlanOf } from './clean-up-plan.ts';
import { tableFault } from './table-fault.ts';
import { eventTriggersOf, isUsableName } from './triggers-of.ts';
import type { EventTriggers } from './types.ts';

/** Null: the source has no such table, or could not be read. */
export type FindTable = (source: string, table: QualifiedName) => CatalogTable | null;

/** The event triggers that cannot run, of tables that are there; others go with their table. Source: spec/events.md A4. */
export function inconsistentEventTriggers(
  { sources }: Metadata,
  findTable: FindTable,
  environment: Environment,
): readonly Inconsistency[] {
  return sources.flatMap(({ name: source, tables }) =>
    tables.flatMap(({ table, event_triggers: triggers = [] }) => {
      const found = triggers.length === 0 ? null : findTable(source, table);
      if (found === null) return [];
      return triggers.flatMap((trigger) => {
        const problem = problemOf(trigger, found, environment);
        return problem === null ? [] : [inconsistency(source, table, trigger, problem)];
      });
    }),
  );
}

/** Those of a source that can run. */
export function runnableEventTriggers(
  source: SourceMetadata,
  findTable: FindTable,
  environment: Environment,
): EventTriggers {
  return new Map(
    [...eventTriggersOf(source)].filter(([, { table, metadata }]) => {
      const found = findTable(source.name, table);
      return found !== null && problemOf(metadata, found, environment) === null;
    }),
  );
}

function problemOf(
  trigger: EventTriggerMetadata,
  table: CatalogTable,
  environment: Environment,
): string | null {
  const { webhook, webhook_from_env: variable, headers } = trigger;
  if (!isUsableName(trigger.name)) return 'event trigger name can be at most 42 characters';
  const fault = tableFault(trigger, table);
  if (fault !== null) return fault;
  if ((webhook === undefined) === (variable === undefined)) return 'expected webhook or webhook_from_env';
  try {
    cleanUpPlanOf(trigger);
    if (variable !== undefined) environmentValue(variable, environment);
    if (webhook !== undefined) resolveUrl(webhook, environment);
    resolveHeaders(headers, environment);
    return null;
  } catch (error) {
    if (error instanceof CleanUpPlanError) return `in cleanup_config: ${error.message}`;
    if (error instanceof RequestError) return error.message;
    throw error;
  }
}

function inconsistency(
  source: string,
  table: QualifiedName,
  trigger: EventTriggerMetadata,
  problem: string,
): Inconsistency {
  const { name } = trigger;
  const at = { schema: table.schema, name: table.name };
  return {
    type: 'event_trigger',
    name: `event_trigger ${name} in table ${displayName(table)} in source ${source}`,
    reason: `Inconsistent object: in table "${displayName(table)}": in event trigger "${name}": ${problem}`,
    definition: { ...(trigger as unknown as Readonly<Record<string, Json>>), source, table: at },
    object: { kind: 'event-trigger', source, table: at, name },
  };
}
