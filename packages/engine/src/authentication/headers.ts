import type { RawHeaders } from './types.ts';

/** The first value of a header, null when it was not sent. `lowerName` is in lower case. */
export function firstHeader(headers: RawHeaders, lowerName: string): string | null {
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] as string; // i < length
    if (name.length === lowerName.length && name.toLowerCase() === lowerName) return headers[i + 1] as string;
  }
  return null;
}

/** All values of a header in order. */
export function allHeaders(headers: RawHeaders, lowerName: string): string[] {
  const values: string[] = [];
  for (let i = 0; i + 1 < headers.length; i += 2) {
    if ((headers[i] as string).toLowerCase() === lowerName) values.push(headers[i + 1] as string);
  }
  return values;
}

/** The text of a header value: its bytes read as UTF-8. */
export function decodeHeaderValue(value: string): string {
  return isAscii(value) ? value : Buffer.from(value, 'latin1').toString('utf8');
}

/** The reverse, for values that did not come as bytes (the headers of `connection_init`). */
export function encodeHeaderValue(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}
