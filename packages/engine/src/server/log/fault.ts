import type { Logger, TracePlace } from './logger.ts';

/** Writes a fault of ours with its stack; the caller is told nothing but that there was one. */
export function logFault(
  logger: Logger,
  requestId: string | null,
  error: unknown,
  place: TracePlace | null = null,
): void {
  const detail = {
    request_id: requestId,
    message: error instanceof Error ? error.message : String(error),
    stack: error instanceof Error ? (error.stack ?? null) : null,
  };
  logger.log('unhandled-internal-error', 'error', detail, place);
}
