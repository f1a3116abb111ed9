/** What a schedule's five fields allow. All sets are sorted and not empty. */
export interface CronSchedule {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  /** Of the month, from 1. */
  readonly days: readonly number[];
  /** From 1. */
  readonly months: readonly number[];
  /** From Sunday, which is 0. */
  readonly weekdays: readonly number[];
  /** Days of the month and of the week are both restricted: a day needs to be only one of them. */
  readonly isEitherDay: boolean;
}

/** The text is no schedule; the message says what is wrong with it. */
export class CronSyntaxError extends Error {
  override readonly name = 'CronSyntaxError';
}

interface Unit {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  /** Short names, the first for `from`. */
  readonly names?: readonly string[];
}

const minute: Unit = { name: 'minute', from: 0, to: 59 };
const hour: Unit = { name: 'hour', from: 0, to: 23 };
const day: Unit = { name: 'day of month', from: 1, to: 31 };
const month: Unit = {
  name: 'month',
  from: 1,
  to: 12,
  names: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
};
/** 7 is Sunday, too. */
const weekday: Unit = {
  name: 'day of week',
  from: 0,
  to: 7,
  names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'],
};

const shorthands: ReadonlyMap<string, string> = new Map([
  ['@yearly', '0 0 1 1 *'],
  ['@monthly', '0 0 1 * *'],
  ['@weekly', '0 0 * * 0'],
  ['@daily', '0 0 * * *'],
  ['@hourly', '0 * * * *'],
]);

/**
 * Reads a schedule of five fields, or one of the names `@yearly`, `@monthly`, `@weekly`, `@daily`, `@hourly`.
 * @throws CronSyntaxError
 */
export function parseSchedule(text: string): CronSchedule {
  const trimmed = text.trim();
  const fields = (shorthands.get(trimmed) ?? trimmed).split(/\s+/);
  const [minutes, hours, days, months, weekdays] = fields;
  if (
    fields.length !== 5 ||
    minutes === undefined ||
    hours === undefined ||
    days === undefined ||
    months === undefined ||
    weekdays === undefined
  ) {
    throw new CronSyntaxError(
      `a cron schedule has five fields: minute, hour, day of month, month, day of week; "${text}" does not`,
    );
  }
  return {
    minutes: readField(minutes, minute),
    hours: readField(hours, hour),
    days: readField(days, day),
    months: readField(months, month),
    weekdays: sorted(readField(weekdays, weekday).map((value) => value % 7)),
    isEitherDay: isRestricted(days) && isRestricted(weekdays),
  };
}

/**
 * Whether a field says anything. As in the reference engine, `*` with a step does, and a range over everything does; other crons differ here.
 */
function isRestricted(field: string): boolean {
  return !field.split(',').some((item) => item === '*' || /^\*\/0*1$/.test(item));
}

function readField(field: string, unit: Unit): readonly number[] {
  return sorted(field.split(',').flatMap((item) => readItem(item, unit)));
}

/** `*`, `5`, `1-5`, each of them also with a step; `5/10` goes from 5 to the end. */
function readItem(item: string, unit: Unit): readonly number[] {
  const [base = '', stepText, ...rest] = item.split('/');
  if (rest.length > 0) throw unreadable(item, unit);
  const step = stepText === undefined ? 1 : readNumber(stepText, item, unit);
  if (step < 1 || step > unit.to) {
    throw new CronSyntaxError(`the step in "${item}" is not between 1 and ${unit.to} (${unit.name})`);
  }
  const [first, last] = readRange(base, stepText !== undefined, item, unit);
  if (first > last) throw new CronSyntaxError(`the range "${item}" (${unit.name}) begins after its end`);
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, index) => first + index * step);
}

function readRange(
  base: string,
  hasStep: boolean,
  item: string,
  unit: Unit,
): readonly [first: number, last: number] {
  if (base === '*') return [unit.from, unit.to];
  const [firstText = '', lastText, ...rest] = base.split('-');
  if (rest.length > 0) throw unreadable(item, unit);
  const first = readValue(firstText, item, unit);
  if (lastText !== undefined) return [first, readValue(lastText, item, unit)];
  return [first, hasStep ? unit.to : first];
}

function readValue(text: string, item: string, unit: Unit): number {
  const index = unit.names?.indexOf(text.toLowerCase()) ?? -1;
  const value = index === -1 ? readNumber(text, item, unit) : unit.from + index;
  if (value >= unit.from && value <= unit.to) return value;
  throw new CronSyntaxError(`${text} is no ${unit.name}: it must be between ${unit.from} and ${unit.to}`);
}

function readNumber(text: string, item: string, unit: Unit): number {
  if (!/^\d{1,9}$/.test(text)) throw unreadable(item, unit);
  return Number(text);
}

function unreadable(item: string, unit: Unit): CronSyntaxError {
  return new CronSyntaxError(`"${item}" cannot be read as ${unit.name}`);
}

function sorted(values: readonly number[]): readonly number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}
