import type { Bytes } from '../database/index.ts';

/** The text of a value, whole; null for SQL NULL and where there is none. For small values only. */
export function textOf(bytes: Bytes | null | undefined): string | null {
  return bytes == null ? null : Buffer.concat(bytes).toString('utf8');
}
