import type { GraphqlRequest, LiveOperation } from '../../runtime/index.ts';
import type { ServerContext } from '../context.ts';

/** Counts that a subscription was asked for. */
export function countSubscription(
  { query, operationName }: GraphqlRequest,
  { metrics, identify }: ServerContext,
  isSuccess: boolean,
): void {
  metrics?.operationEnded(identify(query, operationName), isSuccess, 0);
}

export interface SubscriptionWatch {
  readonly onPoll: (statementMs: number, totalMs: number) => void;
  /** The subscription is served no more. */
  readonly end: () => void;
}

/** Counts a subscription while it is served, and its polls; null where nobody counts. */
export function watchSubscription(
  { query, operationName }: GraphqlRequest,
  { stream }: Pick<LiveOperation, 'stream'>,
  { metrics, identify }: ServerContext,
): SubscriptionWatch | null {
  if (metrics === null) return null;
  const kind = stream === undefined ? 'live-query' : 'streaming';
  const operation = identify(query, operationName);
  return {
    end: metrics.subscriptionStarted(kind, operation),
    onPoll: (statementMs, totalMs) => metrics.pollEnded(kind, operation, totalMs / 1000, statementMs / 1000),
  };
}
