import { randomUUID } from 'node:crypto';
import type { Session } from '../../authentication/index.ts';
import type { LiveOperation } from '../../runtime/index.ts';
import type { ServeConfiguration } from '../configuration/index.ts';
import type { Logger } from './logger.ts';

/** What polls of one subscription have in common. */
export interface PolledOperation {
  readonly live: LiveOperation;
  readonly session: Session;
  readonly parameterizedHash: string | null;
}

/** Writes a livequery-poller-log line for every poll; null where nobody reads them. Source: spec/server.md 5.6. */
export function pollerLog(
  { live, session, parameterizedHash }: PolledOperation,
  { logger, configuration }: { readonly logger: Logger; readonly configuration: ServeConfiguration },
): ((statementMs: number, totalMs: number, subscribers: number) => void) | null {
  if (!logger.isEnabled('livequery-poller-log', 'info')) return null;
  const isStream = live.stream !== undefined;
  const statements = live.statements();
  const common = {
    kind: isStream ? 'streaming' : 'live-query',
    poller_id: randomUUID(),
    source: statements[0]?.source ?? null,
    role: session.role,
    generated_sql: statements.length === 0 ? null : statements.map(({ text }) => text).join(';\n'),
    parameterized_query_hash: parameterizedHash,
    subscription_options: {
      batch_size: isStream ? configuration.streamingBatchSize : configuration.liveQueryBatchSize,
      refetch_delay:
        (isStream ? configuration.streamingIntervalMs : configuration.liveQueryIntervalMs) / 1000,
    },
  };
  return (statementMs, totalMs, subscribers) => {
    const batch = {
      batch_id: 1,
      batch_size: 1,
      db_execution_time: statementMs / 1000,
      push_time: Math.max(0, totalMs - statementMs) / 1000,
    };
    logger.log('livequery-poller-log', 'info', {
      ...common,
      subscriber_count: subscribers,
      cohort_size: 1,
      execution_batches: [batch],
      total_time: totalMs / 1000,
      // there is no list of subscribers to be copied first
      snapshot_time: 0,
    });
  };
}
