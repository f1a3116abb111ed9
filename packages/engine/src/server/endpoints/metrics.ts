import { timingSafeEqual } from 'node:crypto';
import { firstHeader } from '../../authentication/index.ts';
import { Path, RequestError } from '../../support/index.ts';
import type { ServerContext } from '../context.ts';
import { notFoundError } from '../error-body.ts';
import type { ApiRequest, ApiResponse } from '../exchange.ts';

/** `GET /v1/metrics`: for who has the secret of the metrics; without one, for the administrator. Source: spec/server.md 1.1, 8.1. */
export async function answerMetrics(request: ApiRequest, context: ServerContext): Promise<ApiResponse> {
  const { metrics, configuration, authenticator, peers } = context;
  if (metrics === null) throw notFoundError;
  const { metricsSecret } = configuration;
  if (metricsSecret !== null) {
    const given = /^Bearer +(.*)$/i.exec(firstHeader(request.headers, 'authorization') ?? '')?.[1] ?? '';
    if (!isEqual(given, metricsSecret)) {
      throw new RequestError('access-denied', Path.root, 'the metrics need their secret as a bearer token', {
        status: 401,
      });
    }
  } else {
    const { session } = await authenticator.authenticate(request.headers);
    if (!session.isAdmin) {
      throw new RequestError('access-denied', Path.root, 'You have to be an admin to access this endpoint');
    }
  }
  const { contentType, text } = await metrics.expose((await peers?.ask('metrics')) ?? []);
  return { status: 200, contentType, body: text, headers: [], isError: false };
}

/** In a time that tells nothing but the length. */
function isEqual(given: string, secret: string): boolean {
  // headers hold one byte per character
  const [first, second] = [Buffer.from(given, 'latin1'), Buffer.from(secret, 'utf8')];
  return first.length === second.length && timingSafeEqual(first, second);
}
