import type { EventKind } from './types.ts';

/** Where the events of a kind are, in the metadata database. Source: spec/events.md B3. */
export interface EventTables {
  readonly events: string;
  readonly invocations: string;
}

export const eventTables: Readonly<Record<EventKind, EventTables>> = {
  cron: {
    events: 'hdb_catalog.hdb_cron_events',
    invocations: 'hdb_catalog.hdb_cron_event_invocation_logs',
  },
  'one-off': {
    events: 'hdb_catalog.hdb_scheduled_events',
    invocations: 'hdb_catalog.hdb_scheduled_event_invocation_logs',
  },
};

/** SQL: a point in time as webhooks and answers of the API have it, `2026-11-24T13:00:00.5Z`. */
export function utcText(column: string): string {
  return `to_json(timezone('utc', ${column})) #>> '{}' || 'Z'`;
}

/** SQL: the texts of a JSON list in a parameter, as an array. */
export function textArray(parameter: string): string {
  return `array(select json_array_elements_text(${parameter}::json))`;
}
