/**
 * Cron schedules. In: the text of one, and a time. Out: the times after it at which the schedule is due, in UTC, on whole minutes. Promises that what
 * cannot be read is refused, and that a schedule that is never due is no endless search.
 * Source: spec/events.md B1.
 */
export { nextTimes } from './next-times.ts';
export { type CronSchedule, CronSyntaxError, parseSchedule } from './parse-schedule.ts';
