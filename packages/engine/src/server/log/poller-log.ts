import type { Session } from '../../authentication/index.ts';
import type { LiveOperation } from '../../runtime/index.ts';
import type { Poll } from '../../subscriptions/index.ts';
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
): ((poll: Poll) => void) | null {
  if (!logger.isEnabled('livequery-poller-log', 'info')) return null;
  const isStream = live.stream !== undefined;
  const statements = live.statements();
  const common = {
    kind: isStream ? 'streaming' : 'live-query',
    source: statements[0]?.source ?? null,
    role: session.role,
    generated_sql:
      live.together?.text ??
      (statements.length === 0 ? null : statements.map(({ text }) => text).join(';\n')),
    parameterized_query_hash: parameterizedHash,
    subscription_options: {
      batch_size: isStream ? configuration.streamingBatchSize : configuration.liveQueryBatchSize,
      refetch_delay:
        (isStream ? configuration.streamingIntervalMs : configuration.liveQueryIntervalMs) / 1000,
    },
  };
  return ({ pollerId, subscribers, cohorts, batches, totalMs }) => {
    logger.log('livequery-poller-log', 'info', {
      ...common,
      poller_id: pollerId,
      subscriber_count: subscribers,
      cohort_size: cohorts,
      execution_batches: batches.map((batch, index) => ({
        batch_id: index + 1,
        batch_size: batch.cohorts,
        db_execution_time: batch.statementMs / 1000,
        push_time: Math.max(0, batch.totalMs - batch.statementMs) / 1000,
      })),
      total_time: totalMs / 1000,
      // there is no list of subscribers to be copied first
      snapshot_time: 0,
    });
  };
}
