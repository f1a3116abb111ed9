/** The time so many milliseconds after 1970; null when it is later than a date can be, which is as good as never. */
export function dateAt(ms: number): Date | null {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? null : date;
}
