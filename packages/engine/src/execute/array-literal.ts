/** A `text[]` as PostgreSQL reads it. Source: PostgreSQL manual, "Array Input and Output Syntax". */
export function arrayLiteral(elements: readonly (string | null)[]): string {
  const quoted = elements.map((element) =>
    element === null ? 'NULL' : `"${element.replace(/["\\]/g, '\\$&')}"`,
  );
  return `{${quoted.join(',')}}`;
}
