import { Cron } from 'croner';
import type { CronSchedule } from './parse-schedule.ts';

/** The next times after the given one at which the schedule is due; fewer, or none, when it is never due again. */
export function nextTimes(schedule: CronSchedule, after: Date, count: number): readonly Date[] {
  if (!isEverDue(schedule)) return [];
  return new Cron(patternOf(schedule), { timezone: 'UTC', mode: '5-part', paused: true }).nextRuns(
    count,
    after,
  );
}

/**
 * The schedule as the library is given it: every value by itself, so that only its search for the next time matters, and not how it reads ranges and
 * steps, or when it takes a field for restricted.
 */
function patternOf({ minutes, hours, days, months, weekdays, isEitherDay }: CronSchedule): string {
  const everyDay = days.length === 31;
  const everyWeekday = weekdays.length === 7;
  // one of the two is enough, and it allows everything
  const isAnyDay = isEitherDay && (everyDay || everyWeekday);
  return [
    minutes.join(','),
    hours.join(','),
    everyDay || isAnyDay ? '*' : days.join(','),
    months.join(','),
    everyWeekday || isAnyDay ? '*' : weekdays.join(','),
  ].join(' ');
}

const longestMonths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** The 30th of February is not; with the day of the week as another way, every schedule is. */
function isEverDue({ days, months, isEitherDay }: CronSchedule): boolean {
  const first = days[0] ?? 1;
  return isEitherDay || months.some((month) => first <= (longestMonths[month - 1] ?? 0));
}
