/**
 * Events of the clock: those of cron triggers and those that are made one by one. In: the triggers in force, the metadata database, commands. Out: calls of webhooks
 * when they are due, and the record of them. Promises that an event is delivered at least once unless it is too late for it, whatever process
 * ends when, and by one of several engines.
 * Source: spec/events.md B.
 */
export { CronEventMaker } from './cron-event-maker.ts';
export { followTriggerChange } from './cron-events.ts';
export { EventLog } from './event-log.ts';
export { inconsistentCronTriggers, runnableCronTriggers } from './inconsistent-triggers.ts';
export type { CronTriggers, ScheduledEventObserver } from './types.ts';
export { ScheduledEventWorker } from './worker.ts';
