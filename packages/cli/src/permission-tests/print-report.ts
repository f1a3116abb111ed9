import type { FileReport, Report } from './report.ts';

/** True when every test has passed. */
export function hasPassed({ files }: Report): boolean {
  return files.every(({ outcomes }) => outcomes.every(({ failure }) => failure === null));
}

/** A file's tests; those that failed with what was different. */
export function printFile({ path, outcomes }: FileReport): string {
  return [
    path,
    ...outcomes.flatMap(({ name, role, failure }) => {
      if (failure === null) return [`  ✓ ${name}`];
      return [`  ✗ ${name} (${role ?? 'visitor'})`, ...failure.map((line) => `      ${line}`)];
    }),
  ].join('\n');
}

/** What stands at the end: the counts, and the rules that no test exercised. */
export function printReport({ files, rules, unexercised }: Report): string {
  const outcomes = files.flatMap((file) => file.outcomes);
  const failed = outcomes.filter(({ failure }) => failure !== null).length;
  const lines = [
    `${outcomes.length - failed} passed, ${failed} failed`,
    `${rules.length - unexercised.length} of ${rules.length} permissions exercised`,
  ];
  if (unexercised.length > 0) {
    const hasSources = new Set(rules.map(({ source }) => source)).size > 1;
    lines.push(
      'No test exercises:',
      ...unexercised.map(
        ({ source, table, role, operation }) =>
          `  ${role}: ${operation} on ${hasSources ? `${source}/` : ''}${table}`,
      ),
    );
  }
  return lines.join('\n');
}
