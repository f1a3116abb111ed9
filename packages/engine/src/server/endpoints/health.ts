import type { Session } from '../../authentication/index.ts';
import { Path, RequestError } from '../../support/index.ts';
import type { ServerContext } from '../context.ts';
import { type ApiRequest, type ApiResponse, jsonResponse, textResponse } from '../exchange.ts';
import type { OperationLog } from '../log/http-log.ts';

/** `GET /healthz`. Source: spec/server.md 1.3. */
export async function answerHealth(
  request: ApiRequest,
  context: ServerContext,
  log: OperationLog,
): Promise<ApiResponse> {
  const fail = (code: 'invalid-configuration' | 'unexpected', message: string): ApiResponse => {
    log.fault = new RequestError(code, Path.root, message, { status: 500 });
    return textResponse(500, message);
  };
  switch (await context.runtime.health()) {
    case 'ok':
      return textResponse(200, 'OK');
    case 'inconsistent':
      return new URLSearchParams(request.search).get('strict')?.toLowerCase() === 'true'
        ? fail('invalid-configuration', 'ERROR: inconsistent objects in schema')
        : textResponse(200, 'WARN: inconsistent objects in schema');
    case 'unavailable':
      return fail('unexpected', 'ERROR');
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
