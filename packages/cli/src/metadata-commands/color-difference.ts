import { styleText } from 'node:util';
import type { Line } from './line-difference.ts';

const colors = { '+': 'green', '-': 'red', '±': 'yellow' } as const;
type Sign = keyof typeof colors;

/** Lines with their signs; with colours, too, those that changed. */
export function signedLines(lines: readonly Line[], isColored: boolean): string {
  return lines
    .map(({ sign, text }) => {
      const line = `${sign} ${text}`.trimEnd();
      return `${isColored ? painted(line, sign) : line}\n`;
    })
    .join('');
}

/** The whole text: colours say what changed, and signs where there are no colours. Source: spec/cli.md 5.2. */
export function wholeText(lines: readonly Line[], isColored: boolean): string {
  if (!isColored) return signedLines(lines, false);
  return lines.map(({ sign, text }) => `${painted(text, sign)}\n`).join('');
}

/**
 * The paragraphs of `describeDifference` with colours: what was added, removed or changed, with what stands below it. Dashes of lists in there are none of
 * its signs.
 */
export function coloredReport(report: string, isColored: boolean): string {
  if (!isColored) return report;
  let sign: Sign | null = null;
  return report
    .split('\n')
    .map((line) => {
      const head = /^([-+±]) /.exec(line)?.[1];
      if (isSign(head)) sign = head;
      else if (!line.startsWith('  ')) sign = null;
      if (sign !== '±') return sign === null ? line : painted(line, sign);
      const inner = /^ {2}([-+]) /.exec(line)?.[1];
      return painted(line, isSign(inner) ? inner : sign);
    })
    .join('\n');
}

function isSign(text: string | undefined): text is Sign {
  return text !== undefined && text in colors;
}

function painted(line: string, sign: Sign | ' '): string {
  return sign === ' ' || line === '' ? line : styleText(colors[sign], line, { validateStream: false });
}
