/** A name as SQL text, for the statements of the driver and the catalogue. SQL about user data is written in `sql/`, which quotes for itself. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
