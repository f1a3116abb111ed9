import type { FileReport, Report, TestOutcome } from './report.ts';

/** The report as JUnit XML: a suite for each file, the role as class name, the difference as the failure's text. */
export function junitReport({ files }: Report): string {
  const all = files.flatMap(({ outcomes }) => outcomes);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="permissions" ${counts(all)}>`,
    ...files.map(suite),
    '</testsuites>',
    '',
  ].join('\n');
}

function suite({ path, outcomes }: FileReport): string {
  return [
    `  <testsuite name="${escaped(path)}" ${counts(outcomes)}>`,
    ...outcomes.map((outcome) => testCase(path, outcome)),
    '  </testsuite>',
  ].join('\n');
}

function testCase(path: string, { name, role, seconds, failure }: TestOutcome): string {
  const attributes = `name="${escaped(name)}" classname="${escaped(role ?? 'visitor')}" file="${escaped(path)}" time="${seconds.toFixed(3)}"`;
  if (failure === null) return `    <testcase ${attributes}/>`;
  const [message = '', ...rest] = failure;
  return `    <testcase ${attributes}>\n      <failure message="${escaped(message)}">${escaped(rest.join('\n'))}</failure>\n    </testcase>`;
}

function counts(outcomes: readonly TestOutcome[]): string {
  const failures = outcomes.filter(({ failure }) => failure !== null).length;
  const time = outcomes.reduce((sum, { seconds }) => sum + seconds, 0);
  return `tests="${outcomes.length}" failures="${failures}" errors="0" time="${time.toFixed(3)}"`;
}

/** XML 1.0 forbids most control characters, even written as references. */
function escaped(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is meant
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll('\n', '&#10;')
  );
}
