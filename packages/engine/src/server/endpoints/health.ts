import type { Session } from '../../authentication/index.ts';
import type { ServerContext } from '../context.ts';
import { type ApiRequest, type ApiResponse, jsonResponse, textResponse } from '../exchange.ts';

/** `GET /healthz`. Source: spec/server.md 1.3. */
export async function answerHealth(request: ApiRequest, context: ServerContext): Promise<ApiResponse> {
  switch (await context.runtime.health()) {
    case 'ok':
      return textResponse(200, 'OK');
    case 'inconsistent':
      return new URLSearchParams(request.search).get('strict')?.toLowerCase() === 'true'
        ? textResponse(500, 'ERROR: inconsistent objects in schema')
        : textResponse(200, 'WARN: inconsistent objects in schema');
    case 'unavailable':
      return textResponse(500, 'ERROR');
  }
}

/** `GET /healthz/sources`: the outcome of the health checks that sources have, at this moment. Source: spec/server.md 1.3. */
export async function answerSourceHealth(
  _request: ApiRequest,
  _session: Session,
  { runtime }: ServerContext,
): Promise<ApiResponse> {
  const checked = (await runtime.sourceHealth()).filter(({ hasCheck }) => hasCheck);
  const timestamp = new Date().toISOString();
  const members = checked.map(({ source, status, error }) => [
    source,
    { status: status.toUpperCase(), error, timestamp },
  ]);
  return jsonResponse(JSON.stringify(Object.fromEntries(members)));
}
