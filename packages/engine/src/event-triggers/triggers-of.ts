import type { SourceMetadata } from '../metadata/index.ts';
import type { EventTriggers } from './types.ts';

/** The event triggers of a source, by name. */
export function eventTriggersOf(source: SourceMetadata): EventTriggers {
  return new Map(
    source.tables.flatMap(({ table, event_triggers: triggers = [] }) =>
      triggers.map((metadata) => [metadata.name, { table, metadata }] as const),
    ),
  );
}
