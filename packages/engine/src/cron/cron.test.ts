import { expect, test } from 'vitest';
import { nextTimes, parseSchedule } from './index.ts';

const after = new Date('2026-11-24T13:45:30.5Z');
const next = (text: string, count: number) =>
  nextTimes(parseSchedule(text), after, count).map((date) => date.toISOString().replace(':00.000Z', 'Z'));

test.each<[string, readonly string[]]>([
  ['* * * * *', ['2026-11-24T13:46Z', '2026-11-24T13:47Z']],
  ['*/20 * * * *', ['2026-11-24T14:00Z', '2026-11-24T14:20Z']],
  ['7/25 * * * *', ['2026-11-24T13:57Z', '2026-11-24T14:07Z']],
  ['0 22 * * 1-5', ['2026-11-24T22:00Z', '2026-11-25T22:00Z']],
  ['0 22 * * mon-FRI', ['2026-11-24T22:00Z', '2026-11-25T22:00Z']],
  ['0 0 29 2 *', ['2028-02-29T00:00Z', '2032-02-29T00:00Z']],
  ['0 0 1 JAN,jul *', ['2027-01-01T00:00Z', '2027-07-01T00:00Z']],
  ['0 0 * * 7', ['2026-11-29T00:00Z', '2026-12-06T00:00Z']],
  ['  0   0 * * 0 ', ['2026-11-29T00:00Z', '2026-12-06T00:00Z']],
  ['@daily', ['2026-11-25T00:00Z', '2026-11-26T00:00Z']],
  ['@weekly', ['2026-11-29T00:00Z', '2026-12-06T00:00Z']],
  ['@hourly', ['2026-11-24T14:00Z', '2026-11-24T15:00Z']],
  // either the day of the month or that of the week
  ['0 0 30 * 5', ['2026-11-27T00:00Z', '2026-11-30T00:00Z']],
  // `*` with a step restricts, too: even days, and Fridays
  ['0 0 */2 * 5', ['2026-11-25T00:00Z', '2026-11-27T00:00Z']],
  // a range over everything restricts, so that every day is one of the two
  ['0 0 1-31 * 5', ['2026-11-25T00:00Z', '2026-11-26T00:00Z']],
  ['0 0 *,5 * 5', ['2026-11-27T00:00Z', '2026-12-04T00:00Z']],
  ['0 0 30 2 5', ['2027-02-05T00:00Z', '2027-02-12T00:00Z']],
  ['0 0 30 2 *', []],
  ['0 0 31 4,6 *', []],
])('%s', (text, times) => {
  expect(next(text, times.length === 0 ? 1 : times.length)).toEqual(times);
});

test.each([
  '',
  '* * * *',
  '* * * * * *',
  '60 * * * *',
  '* 24 * * *',
  '* * 0 * *',
  '* * 32 * *',
  '* * * 0 *',
  '* * * 13 *',
  '* * * * 8',
  '5-1 * * * *',
  '*/0 * * * *',
  '*/60 * * * *',
  '1/2/3 * * * *',
  '1-2-3 * * * *',
  'a * * * *',
  '-1 * * * *',
  '1.5 * * * *',
  '1,,2 * * * *',
  ', * * * *',
  '? * * * *',
  '* * L * *',
  '* * * * 1#2',
  '* * * jan-foo *',
  'jan * * * *',
  '@reboot',
  '@every 5m',
])('"%s" is no schedule', (text) => {
  expect(() => parseSchedule(text)).toThrow(expect.objectContaining({ name: 'CronSyntaxError' }));
});
