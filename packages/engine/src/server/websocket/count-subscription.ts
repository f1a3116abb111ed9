import type { Session } from '../../authentication/index.ts';
import type { GraphqlRequest, LiveOperation } from '../../runtime/index.ts';
import type { Poll } from '../../subscriptions/index.ts';
import type { ServerContext } from '../context.ts';
import { pollerLog } from '../log/poller-log.ts';

/** Counts that a subscription was asked for. */
export function countSubscription(
  { query, operationName }: GraphqlRequest,
  { metrics, identify }: ServerContext,
  isSuccess: boolean,
): void {
  metrics?.operationEnded(identify(query, operationName), isSuccess, 0);
}

export interface SubscriptionWatch {
  readonly onPoll: (poll: Poll) => void;
  /** The subscription is served no more. */
  readonly end: () => void;
}

/** Counts a subscription while it is served, and counts and logs its polls; null where nobody wants that. */
export function watchSubscription(
  { query, operationName }: GraphqlRequest,
  live: LiveOperation,
  session: Session,
  context: ServerContext,
): SubscriptionWatch | null {
  const { metrics, identify } = context;
  const operation = identify(query, operationName);
  const log = pollerLog({ live, session, parameterizedHash: operation?.parameterizedHash ?? null }, context);
  if (metrics === null && log === null) return null;
  const kind = live.stream === undefined ? 'live-query' : 'streaming';
  return {
    end: metrics?.subscriptionStarted(kind, operation) ?? ignore,
    onPoll(poll) {
      // batches run at the same time
      const statementMs = Math.max(...poll.batches.map((batch) => batch.statementMs));
      metrics?.pollEnded(kind, operation, poll.totalMs / 1000, statementMs / 1000);
      log?.(poll);
    },
  };
}

function ignore(): void {}
