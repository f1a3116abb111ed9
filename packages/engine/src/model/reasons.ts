/** One reason in the sentence, several as a list: `… because x`, `… for the following reasons:` with bullets. Source: spec/graphql-api.md 9.1. */
export function becauseOf(subject: string, reasons: readonly string[]): string {
  const [only = ''] = reasons;
  if (reasons.length < 2) return `${subject} because ${only}`;
  return `${subject} for the following reasons:\n${reasons.map((reason) => `  • ${reason}\n`).join('')}`;
}
