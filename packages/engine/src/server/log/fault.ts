import type { Logger } from './logger.ts';

/** Writes a fault of ours with its stack; the caller is told nothing but that there was one. */
export function logFault(logger: Logger, requestId: string | null, error: unknown): void {
  logger.log('unhandled-internal-error', 'error', {
    request_id: requestId,
    message: error instanceof Error ? error.message : String(error),
    stack: error instanceof Error ? (error.stack ?? null) : null,
  });
}
