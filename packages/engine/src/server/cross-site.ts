import { firstHeader } from '../authentication/index.ts';
import { Path, RequestError } from '../support/index.ts';
import { type CorsPolicy, isAllowedOrigin } from './configuration/index.ts';
import type { ApiRequest } from './exchange.ts';

/**
 * Refuses what a browser sends for a page of another site, with the user's cookies, without asking first: a POST whose content type is a form's.
 * Everything else is either asked about by a pre-flight request or has no effect. Source: Fetch standard, "CORS-safelisted request-header".
 * `policy` null: CORS is disabled. Programs send no Origin and are not concerned.
 * @throws RequestError access-denied
 */
export function refuseCrossSiteForm({ method, headers }: ApiRequest, policy: CorsPolicy | null): void {
  if (method !== 'POST') return;
  const origin = firstHeader(headers, 'origin');
  if (origin === null || firstHeader(headers, 'cookie') === null) return;
  if (!isFormType(firstHeader(headers, 'content-type'))) return;
  if (policy !== null && isAllowedOrigin(policy, origin)) return;
  if (isOriginOf(origin, firstHeader(headers, 'host'))) return;
  throw new RequestError(
    'access-denied',
    Path.root,
    'cross-site requests must have the content type application/json',
    { status: 403 },
  );
}

/** Without a content type a browser asks no questions either. */
function isFormType(contentType: string | null): boolean {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return formTypes.has(type);
}

const formTypes: ReadonlySet<string> = new Set([
  '',
  'application/x-www-form-urlencoded',
  'multipart/form-data',
  'text/plain',
]);

function isOriginOf(origin: string, host: string | null): boolean {
  return host !== null && URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
}
