import { type JsonObject, type Path, RequestError } from '../../support/index.ts';
import {
  readRequestTransform,
  readResponseTransform,
  TransformError,
} from '../../webhook-transforms/index.ts';

/**
 * Refuses templates that cannot be read, where a command sets them. Source: spec/actions.md 4.
 * @throws RequestError `validation-failed`, with the templates' errors as `internal`
 */
export function checkTransforms(
  given: { readonly request_transform?: JsonObject; readonly response_transform?: JsonObject },
  path: Path,
): void {
  const { request_transform: request, response_transform: response } = given;
  if (request !== undefined) check('request', () => readRequestTransform(request), path);
  if (response !== undefined) check('response', () => readResponseTransform(response), path);
}

function check(which: 'request' | 'response', read: () => unknown, path: Path): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof TransformError)) throw error;
    throw new RequestError('validation-failed', path, `${which} transform validation failed`, {
      internal: error.errors,
    });
  }
}
