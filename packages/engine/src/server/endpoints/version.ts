import { type ApiResponse, jsonResponse } from '../exchange.ts';

/** The release of Hasura whose contract is served; clients choose features by it. */
export const contractVersion = 'v2.48.0';

/** `GET /v1/version` */
export function answerVersion(): ApiResponse {
  return jsonResponse(JSON.stringify({ version: contractVersion, server_type: 'ce' }));
}
