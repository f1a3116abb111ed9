import type { Session } from '../../authentication/index.ts';
import type { ServerContext } from '../context.ts';
import { type ApiRequest, type ApiResponse, jsonResponse } from '../exchange.ts';
import { readJsonBody } from '../graphql-request.ts';

/** `POST /v1/permissions/explain`: why a role may, or may not. Not part of Hasura's contract. */
export async function answerPermissionExplain(
  request: ApiRequest,
  _session: Session,
  context: ServerContext,
): Promise<ApiResponse> {
  return jsonResponse(await context.runtime.explainPermission(readJsonBody(request.body)));
}

/** `POST /v1/permissions/check`: what the caller may do. Not part of Hasura's contract. */
export async function answerPermissionCheck(
  request: ApiRequest,
  session: Session,
  context: ServerContext,
): Promise<ApiResponse> {
  return jsonResponse(await context.runtime.checkPermissions(readJsonBody(request.body), session));
}
