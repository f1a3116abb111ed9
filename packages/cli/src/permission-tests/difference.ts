import { isMapping } from './test-file.ts';

const CONTEXT_LINES = 2;
/** Beyond it, only the first differing lines are shown: the table below takes the product of both lengths. */
const MAX_LINES = 1_000;

/** True when both are the same JSON; the order of an object's members does not count. */
export function isSame(expected: unknown, received: unknown): boolean {
  return JSON.stringify(inOrderOf(received, expected)) === JSON.stringify(expected);
}

/** The lines of both values as JSON: `- ` only in what was expected, `+ ` only in what was received. */
export function difference(expected: unknown, received: unknown): readonly string[] {
  const before = lines(expected);
  const after = lines(inOrderOf(received, expected));
  if (before.length > MAX_LINES || after.length > MAX_LINES) return firstDifference(before, after);
  return shortened(diffLines(before, after));
}

/** Members in the order of the other value, so that only real differences show. */
function inOrderOf(value: unknown, model: unknown): unknown {
  if (Array.isArray(value)) {
    const models: readonly unknown[] = Array.isArray(model) ? model : [];
    return value.map((member, index) => inOrderOf(member, models[index]));
  }
  if (!isMapping(value)) return value;
  const others = isMapping(model) ? model : {};
  const keys = [
    ...Object.keys(others).filter((key) => Object.hasOwn(value, key)),
    ...Object.keys(value).filter((key) => !Object.hasOwn(others, key)),
  ];
  return Object.fromEntries(keys.map((key) => [key, inOrderOf(value[key], others[key])]));
}

/** Rows that fit on a line stay on it. */
function lines(value: unknown, indent = '', prefix = ''): string[] {
  const short = JSON.stringify(value) ?? 'nothing';
  const isSmall = short.length + indent.length + prefix.length <= 90;
  const members = Array.isArray(value)
    ? value.map((member: unknown) => ({ prefix: '', member }))
    : isMapping(value)
      ? Object.entries(value).map(([key, member]) => ({ prefix: `${JSON.stringify(key)}: `, member }))
      : [];
  const holdsRows = members.some(({ member }) => typeof member === 'object' && member !== null);
  if (members.length === 0 || (isSmall && !holdsRows)) return [`${indent}${prefix}${short}`];
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  return [
    `${indent}${prefix}${open}`,
    ...members.flatMap(({ prefix: name, member }) => lines(member, `${indent}  `, name)),
    `${indent}${close}`,
  ];
}

/** By the longest common subsequence. */
function diffLines(before: readonly string[], after: readonly string[]): string[] {
  const lengths = Array.from({ length: before.length + 1 }, () => new Uint32Array(after.length + 1));
  const common = (i: number, j: number): number => lengths[i]?.[j] ?? 0;
  for (let i = before.length - 1; i >= 0; i--) {
    const row = lengths[i];
    if (row === undefined) continue;
    for (let j = after.length - 1; j >= 0; j--) {
      row[j] =
        before[i] === after[j] ? common(i + 1, j + 1) + 1 : Math.max(common(i + 1, j), common(i, j + 1));
    }
  }
  const result: string[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      result.push(`  ${before[i]}`);
      i++;
      j++;
    } else if (i < before.length && (j === after.length || common(i + 1, j) >= common(i, j + 1))) {
      result.push(`- ${before[i++]}`);
    } else {
      result.push(`+ ${after[j++]}`);
    }
  }
  return result;
}

/** Without what is equal and far from a difference. */
function shortened(all: readonly string[]): string[] {
  const isNear = all.map((_, index) =>
    all
      .slice(Math.max(0, index - CONTEXT_LINES), index + CONTEXT_LINES + 1)
      .some((line) => !line.startsWith('  ')),
  );
  return all.flatMap((line, index) => (isNear[index] ? [line] : isNear[index - 1] ? ['  …'] : []));
}

function firstDifference(before: readonly string[], after: readonly string[]): string[] {
  const at = before.findIndex((line, index) => line !== after[index]);
  const from = at < 0 ? before.length : at;
  return [
    `  … (line ${from + 1} of ${before.length} expected and ${after.length} received)`,
    ...before.slice(from, from + 10).map((line) => `- ${line}`),
    ...after.slice(from, from + 10).map((line) => `+ ${line}`),
  ];
}
