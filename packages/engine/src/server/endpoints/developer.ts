import type { Session } from '../../authentication/index.ts';
import type { ServerContext } from '../context.ts';
import { type ApiRequest, type ApiResponse, jsonResponse } from '../exchange.ts';

/** `GET /dev/subscriptions`: how many live queries run. */
export function answerSubscriptions(
  _request: ApiRequest,
  _session: Session,
  context: ServerContext,
): ApiResponse {
  return jsonResponse(JSON.stringify(context.liveQueries.stats(false)));
}

/** `GET /dev/subscriptions/extended`: the same with one entry per poller. */
export function answerSubscriptionsExtended(
  _request: ApiRequest,
  _session: Session,
  context: ServerContext,
): ApiResponse {
  return jsonResponse(JSON.stringify(context.liveQueries.stats(true)));
}

/** `GET /dev/plan_cache`: Hasura's answer, which has no plan cache to show. */
export function answerPlanCache(): ApiResponse {
  return jsonResponse('null');
}

/** `GET /dev/ekg`: process counters. */
export function answerEkg(): ApiResponse {
  return jsonResponse(JSON.stringify({ uptime_seconds: process.uptime(), memory: process.memoryUsage() }));
}
