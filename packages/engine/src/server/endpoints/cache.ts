import type { Session } from '../../authentication/index.ts';
import type { Clearing } from '../../runtime/index.ts';
import { Path, RequestError } from '../../support/index.ts';
import type { ServerContext } from '../context.ts';
import { type ApiRequest, type ApiResponse, jsonResponse } from '../exchange.ts';

/** `POST /pro/cache/clear`: all answers, or with `?key=` or `?family=` those that have it in their headers. Source: spec/server.md 7. */
export async function answerCacheClear(
  request: ApiRequest,
  _session: Session,
  context: ServerContext,
): Promise<ApiResponse> {
  await context.runtime.clearCache(readClearing(request.search));
  return jsonResponse('{"message":"success"}');
}

function readClearing(search: string): Clearing {
  const asked = new URLSearchParams(search);
  const key = asked.get('key');
  const family = asked.get('family');
  if (key !== null && family !== null) {
    throw new RequestError('bad-request', Path.root, "give either 'key' or 'family'");
  }
  for (const hash of [key, family]) {
    if (hash !== null && !/^[0-9a-f]{64}$/.test(hash)) {
      throw new RequestError('bad-request', Path.root, 'a key has 64 hexadecimal digits');
    }
  }
  if (key !== null) return { kind: 'key', key };
  return family === null ? { kind: 'all' } : { kind: 'family', family };
}
