const pattern = /^\s*[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT\s*$/;

/** `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 5.6.7, the preferred form only); null for everything else. */
export function parseHttpDate(text: string): Date | null {
  if (!pattern.test(text)) return null;
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? null : date;
}
