import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { coloredReport, signedLines, wholeText } from './color-difference.ts';
import { diffLines } from './line-difference.ts';

const red = (text: string): string => `\u001b[31m${text}\u001b[39m`;
const green = (text: string): string => `\u001b[32m${text}\u001b[39m`;
const yellow = (text: string): string => `\u001b[33m${text}\u001b[39m`;

const lines = diffLines('- a\n- b\n\n+ c\n', '- a\n- B\n\n+ c\n');

test('a whole text has colours at what changed, not at dashes of lists, and signs where there are no colours', () => {
  expect(wholeText(lines, true)).toBe(`- a\n${red('- b')}\n${green('- B')}\n\n+ c\n`);
  expect(wholeText(lines, false)).toBe('  - a\n- - b\n+ - B\n\n  + c\n');
});

test('signed lines are the same in colours', () => {
  expect(signedLines(lines, true)).toBe(`  - a\n${red('- - b')}\n${green('+ - B')}\n\n  + c\n`);
  expect(stripVTControlCharacters(signedLines(lines, true))).toBe(signedLines(lines, false));
});

test('what stands below a head has its colour', () => {
  const report = 'a.b\n+ one list entry added:\n  - x\n    - y\n\nc\n± value change\n  - 1\n  + 2\n';
  expect(coloredReport(report, true)).toBe(
    `a.b\n${green('+ one list entry added:')}\n${green('  - x')}\n${green('    - y')}\n\nc\n${yellow('± value change')}\n${red('  - 1')}\n${green('  + 2')}\n`,
  );
  expect(coloredReport(report, false)).toBe(report);
});
