/**
 * Event triggers: changes of tables, told to webhooks. In: the triggers of the metadata, catalogues, databases. Out: functions and triggers in the database that
 * log each change in the changing transaction, and workers that deliver what was logged. Promises that a change that is committed is delivered at least once
 * or given up by its trigger's rule, and that several engines share the work. Source: spec/events.md A.
 */
export { type EventLogContext, runEventRequest } from './event-log.ts';
export {
  type FindTable,
  inconsistentEventTriggers,
  runnableEventTriggers,
} from './inconsistent-triggers.ts';
export { installTriggers, removeEventCatalog, removeTriggers } from './install-triggers.ts';
export { LogCleaner } from './log-cleaner.ts';
export { type Leftovers, OwedRemovals } from './owed-removals.ts';
export { functionNamesOf } from './trigger-sql.ts';
export { eventTriggersOf } from './triggers-of.ts';
export type { EventObserver, EventTriggers } from './types.ts';
export { EventWorker, type EventWorkerOptions } from './worker.ts';
