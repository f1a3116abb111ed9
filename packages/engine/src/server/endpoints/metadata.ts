import type { Session } from '../../authentication/index.ts';
import type { MetadataEndpoint } from '../../runtime/index.ts';
import { isJsonObject, type Json, Path, RequestError } from '../../support/index.ts';
import { type ApiRequest, type ApiResponse, jsonResponse } from '../exchange.ts';
import { readJsonBody } from '../graphql-request.ts';
import type { SessionHandler } from '../route.ts';

/** `POST /v1/metadata`: commands on the metadata. Admin only. */
export const answerMetadata = commandHandler('metadata', () => true);

/** `POST /v2/query`: statements and data commands. Admin only. */
export const answerV2Query = commandHandler('v2-query', () => true);

/** `POST /v1/query`: all of these under their old names. Other roles may only read and write rows. */
export const answerV1Query = commandHandler('v1-query', needsAdmin);

function commandHandler(endpoint: MetadataEndpoint, isForAdmin: (body: Json) => boolean): SessionHandler {
  return async (request: ApiRequest, session: Session, context, log): Promise<ApiResponse> => {
    log.mode = 'non-graphql';
    // metadata repeats itself a great deal
    const body = readJsonBody(request.body, { sharesEqual: true });
    log.command = body;
    if (!session.isAdmin && isForAdmin(body)) {
      throw new RequestError('access-denied', Path.root.child('args'), 'restricted access : admin only');
    }
    const clientHeaders = request.headers;
    return jsonResponse(await context.runtime.runMetadataCommand(endpoint, body, session, { clientHeaders }));
  };
}

const rowCommands: ReadonlySet<unknown> = new Set(['insert', 'select', 'update', 'delete', 'count']);

/** Whether a `/v1/query` command is more than work on rows. Source: spec/authentication.md 4. */
export function needsAdmin(body: Json): boolean {
  if (!isJsonObject(body)) return true;
  const { type, args } = body;
  if (type === 'bulk') return !Array.isArray(args) || args.some((command: Json) => needsAdmin(command));
  return !rowCommands.has(type);
}
