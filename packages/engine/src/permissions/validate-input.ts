import { isJsonObject, type Json, type JsonObject, Path, RequestError } from '../support/index.ts';
import type { InputValidation } from './types.ts';

/**
 * A permission's `validate_input`; null when there is none. Source: spec/permissions.md 2.7.
 * @throws RequestError `parse-failed` when it is malformed
 */
export function parseInputValidation(json: JsonObject | null | undefined): InputValidation | null {
  if (json === undefined || json === null) return null;
  const type = json['type'];
  if (type !== 'http') throw fault(`expecting only 'http' for 'type' but got ${String(type)}`);
  const definition = json['definition'];
  if (!isJsonObject(definition)) throw fault('key "definition" not found');
  const { url, timeout = 10, forward_client_headers: forwards = false, headers = [] } = definition;
  if (typeof url !== 'string') throw fault('key "url" not found');
  if (typeof timeout !== 'number') throw fault('expected a number of seconds for "timeout"');
  if (typeof forwards !== 'boolean') throw fault('expected a boolean for "forward_client_headers"');
  return {
    url,
    headers: Array.isArray(headers) ? (headers as readonly Json[]).map(parseHeader) : [],
    timeoutSeconds: timeout,
    forwardsClientHeaders: forwards,
  };
}

function parseHeader(json: Json): InputValidation['headers'][number] {
  if (!isJsonObject(json)) throw fault('expected an object for a header');
  const { name, value, value_from_env: variable } = json;
  if (typeof name !== 'string') throw fault('key "name" not found');
  if (typeof value === 'string') return { name, value };
  if (typeof variable === 'string') return { name, value_from_env: variable };
  throw fault('expected "value" or "value_from_env" for a header');
}

function fault(message: string): RequestError {
  return new RequestError('parse-failed', Path.root, message);
}
