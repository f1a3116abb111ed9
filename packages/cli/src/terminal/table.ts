/** Rows as text, columns two spaces apart; ends with a line end. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, at) => {
      widths[at] = Math.max(widths[at] ?? 0, [...cell].length);
    });
  }
  return rows
    .map((row) => {
      const cells = row.map((cell, at) => cell + ' '.repeat((widths[at] ?? 0) - [...cell].length));
      return `${cells.join('  ').trimEnd()}\n`;
    })
    .join('');
}
