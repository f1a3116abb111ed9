import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextTimes, parseSchedule } from './index.ts';

const values = (from: number, to: number) => fc.integer({ min: from, max: to });

/** One field with all that can stand in it, as text and as the values that it allows. */
function field(from: number, to: number) {
  const range = fc
    .tuple(values(from, to), values(from, to))
    .map(([a, b]) => [Math.min(a, b), Math.max(a, b)]);
  const step = fc.option(values(1, Math.max(to, 1)), { nil: null });
  const item = fc.oneof(
    { weight: 1, arbitrary: step.map((by) => make('*', from, to, by)) },
    { weight: 3, arbitrary: values(from, to).map((value) => make(`${value}`, value, value, null)) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(values(from, to), values(1, Math.max(to, 1)))
        .map(([value, by]) => make(`${value}`, value, to, by)),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(range, step).map(([[a = 0, b = 0], by]) => make(`${a}-${b}`, a, b, by)),
    },
  );
  return fc.oneof(
    { weight: 2, arbitrary: fc.constant({ text: '*', allows: (_: number) => true, isStar: true }) },
    {
      weight: 3,
      arbitrary: fc.array(item, { minLength: 1, maxLength: 3 }).map((items) => ({
        text: items.map(({ text }) => text).join(','),
        allows: (value: number) => items.some((one) => one.allows(value)),
        isStar: items.some(({ isStar }) => isStar),
      })),
    },
  );
}

function make(base: string, from: number, to: number, by: number | null) {
  return {
    text: by === null ? base : `${base}/${by}`,
    allows: (value: number) => value >= from && value <= to && (value - from) % (by ?? 1) === 0,
    isStar: base === '*' && (by === null || by === 1),
  };
}

const schedules = fc.tuple(field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 7));
const start = fc
  .date({ min: new Date('2023-12-20T00:00:00Z'), max: new Date('2033-01-01T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.getTime());

const minuteMs = 60_000;
/** Days that the walk looks at. */
const horizon = 500;

test('the next times are those that a walk over all minutes finds', () => {
  fc.assert(
    fc.property(schedules, start, ([minute, hour, day, month, weekday], from) => {
      const text = [minute, hour, day, month, weekday].map((one) => one.text).join(' ');
      const isDay = (date: Date) => {
        const ofMonth = day.allows(date.getUTCDate());
        const ofWeek = weekday.allows(date.getUTCDay()) || (date.getUTCDay() === 0 && weekday.allows(7));
        return day.isStar || weekday.isStar ? ofMonth && ofWeek : ofMonth || ofWeek;
      };
      const walked: number[] = [];
      const end = from + horizon * 24 * 60 * minuteMs;
      let at = Math.floor(from / minuteMs) * minuteMs + minuteMs;
      while (at < end && walked.length < 20) {
        const date = new Date(at);
        if (!month.allows(date.getUTCMonth() + 1) || !isDay(date)) {
          at = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() + 1);
          continue;
        }
        if (hour.allows(date.getUTCHours()) && minute.allows(date.getUTCMinutes())) walked.push(at);
        at += minuteMs;
      }
      const found = nextTimes(parseSchedule(text), new Date(from), 20).map((date) => date.getTime());
      expect(
        found.filter((time) => time < end),
        text,
      ).toEqual(walked);
    }),
    { numRuns: 400 },
  );
});
