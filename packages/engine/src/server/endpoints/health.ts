import type { ServerContext } from '../context.ts';
import { type ApiRequest, type ApiResponse, textResponse } from '../exchange.ts';

/** `GET /healthz`. Source: spec/server.md 1.3. */
export async function answerHealth(request: ApiRequest, context: ServerContext): Promise<ApiResponse> {
  switch (await context.runtime.health()) {
    case 'ok':
      return textResponse(200, 'OK');
    case 'inconsistent':
      return new URLSearchParams(request.search).get('strict') === 'true'
        ? textResponse(500, 'ERROR: inconsistent objects in schema')
        : textResponse(200, 'WARN: inconsistent objects in schema');
    case 'unavailable':
      return textResponse(500, 'ERROR');
  }
}
