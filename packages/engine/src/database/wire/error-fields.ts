import { DatabaseConnectionError, DatabaseError } from '../types.ts';
import { readCString } from './message-reader.ts';

/** The fields of an ErrorResponse by their byte. Source: PostgreSQL manual, "Error and Notice Message Fields". */
export interface ErrorFields {
  readonly isFatal: boolean;
  readonly sqlState: string;
  readonly message: string;
  readonly detail: string | null;
  readonly hint: string | null;
  readonly constraint: string | null;
  /** The C function that raised it: stable where the message is translated. */
  readonly routine: string | null;
}

export function readErrorFields(buffer: Buffer, start: number, end: number): ErrorFields {
  const fields = new Map<string, string>();
  let position = start;
  while (position < end && buffer[position] !== 0) {
    const key = String.fromCharCode(buffer[position] as number); // position < end
    const value = readCString(buffer, position + 1, end);
    fields.set(key, value.text);
    position = value.end;
  }
  const severity = fields.get('V') ?? fields.get('S'); // V is not translated, but only sent since 9.6
  return {
    isFatal: severity === 'FATAL' || severity === 'PANIC',
    sqlState: fields.get('C') ?? 'XX000',
    message: fields.get('M') ?? 'error without message',
    detail: fields.get('D') ?? null,
    hint: fields.get('H') ?? null,
    constraint: fields.get('n') ?? null,
    routine: fields.get('R') ?? null,
  };
}

/** A fatal error ends the session, so that it counts as a lost connection. */
export function toError(fields: ErrorFields): DatabaseError | DatabaseConnectionError {
  return fields.isFatal
    ? new DatabaseConnectionError(fields.message, { sqlState: fields.sqlState })
    : new DatabaseError(fields);
}

/** Whether a statement that was prepared earlier must be prepared again: its result type has changed, or a pooler has lost it. */
export function isStaleStatement(fields: ErrorFields): boolean {
  return (
    fields.sqlState === '26000' || (fields.sqlState === '0A000' && fields.routine === 'RevalidateCachedQuery')
  );
}
