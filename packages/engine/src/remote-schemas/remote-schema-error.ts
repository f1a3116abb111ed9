import { Path, RequestError } from '../support/index.ts';

/** The service, or what is declared about it, cannot be used. */
export function remoteSchemaError(message: string, internal?: unknown): RequestError {
  return new RequestError(
    'remote-schema-error',
    Path.root,
    message,
    internal === undefined ? {} : { internal },
  );
}
