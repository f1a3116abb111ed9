import type { Session } from '../../authentication/index.ts';
import type { ServerContext } from '../context.ts';
import { type ApiRequest, type ApiResponse, jsonResponse } from '../exchange.ts';
import { readJsonBody } from '../graphql-request.ts';

/** `POST /v1/graphql/explain`. Source: spec/graphql-api.md 15. */
export async function answerExplain(
  request: ApiRequest,
  _session: Session,
  context: ServerContext,
): Promise<ApiResponse> {
  return jsonResponse(await context.runtime.explain(readJsonBody(request.body)));
}
