export type Line = { readonly sign: ' ' | '+' | '-'; readonly text: string };

/** Texts that differ in more lines are shown as one removed and one added. */
const mostEdits = 2_000;

/** The lines of both texts, in the order of the second: those that only the first has with `-`, those that only the second has with `+`. */
export function diffLines(before: string, after: string): Line[] {
  const [a, b] = [linesOf(before), linesOf(after)];
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
  const same = (list: readonly string[]): Line[] => list.map((text) => ({ sign: ' ', text }));
  return [
    ...same(a.slice(0, head)),
    ...shortestEdit(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
    ...same(a.slice(a.length - tail)),
  ];
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

/** Eugene Myers, "An O(ND) Difference Algorithm and Its Variations" (1986). */
function shortestEdit(a: readonly string[], b: readonly string[]): Line[] {
  const furthest = new Map<number, number>([[1, 0]]);
  const trace: ReadonlyMap<number, number>[] = [];
  for (let edits = 0; edits <= Math.min(a.length + b.length, mostEdits); edits++) {
    trace.push(new Map(furthest));
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      let x = comesFromAbove(furthest, diagonal, edits)
        ? (furthest.get(diagonal + 1) ?? 0)
        : (furthest.get(diagonal - 1) ?? 0) + 1;
      let y = x - diagonal;
      while (x < a.length && y < b.length && a[x] === b[y]) {
        x++;
        y++;
      }
      furthest.set(diagonal, x);
      if (x >= a.length && y >= b.length) return walkBack(a, b, trace);
    }
  }
  return [...a.map((text): Line => ({ sign: '-', text })), ...b.map((text): Line => ({ sign: '+', text }))];
}

function comesFromAbove(furthest: ReadonlyMap<number, number>, diagonal: number, edits: number): boolean {
  if (diagonal === -edits) return true;
  return diagonal !== edits && (furthest.get(diagonal - 1) ?? 0) < (furthest.get(diagonal + 1) ?? 0);
}

function walkBack(
  a: readonly string[],
  b: readonly string[],
  trace: readonly ReadonlyMap<number, number>[],
): Line[] {
  const lines: Line[] = [];
  let [x, y] = [a.length, b.length];
  for (let edits = trace.length - 1; edits >= 0; edits--) {
    const furthest = trace[edits] ?? new Map<number, number>();
    const diagonal = x - y;
    const previous = comesFromAbove(furthest, diagonal, edits) ? diagonal + 1 : diagonal - 1;
    const startX = edits === 0 ? 0 : (furthest.get(previous) ?? 0);
    const startY = edits === 0 ? 0 : startX - previous;
    while (x > startX && y > startY) {
      lines.push({ sign: ' ', text: a[x - 1] ?? '' });
      x--;
      y--;
    }
    if (edits === 0) break;
    if (x === startX) lines.push({ sign: '+', text: b[y - 1] ?? '' });
    else lines.push({ sign: '-', text: a[x - 1] ?? '' });
    [x, y] = [startX, startY];
  }
  return lines.reverse();
}
