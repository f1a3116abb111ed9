import type { SourceMetadata } from '../metadata/index.ts';
import type { EventTriggers } from './types.ts';

/** Bytes: the names of a trigger's functions are made from its own, and PostgreSQL would cut them off. */
const maximumNameBytes = 42;

/** Whether the database can hold what the trigger needs. */
export function isUsableName(name: string): boolean {
  return Buffer.byteLength(name) <= maximumNameBytes;
}

/** The event triggers of a source, by name; without those whose names are too long. */
export function eventTriggersOf(source: SourceMetadata): EventTriggers {
  return new Map(
    source.tables.flatMap(({ table, event_triggers: triggers = [] }) =>
      triggers
        .filter(({ name }) => isUsableName(name))
        .map((metadata) => [metadata.name, { table, metadata }] as const),
    ),
  );
}
