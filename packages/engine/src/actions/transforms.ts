import type { JsonObject } from '../support/index.ts';
import { TransformError } from '../webhook-transforms/index.ts';
import { ActionFailure } from './failure.ts';

/** Reads a transform once for each document of the metadata. */
export function remember<T>(read: (given: JsonObject) => T): (given: JsonObject) => T {
  const known = new WeakMap<JsonObject, T>();
  return (given) => {
    const before = known.get(given);
    if (before !== undefined) return before;
    const made = read(given);
    known.set(given, made);
    return made;
  };
}

/** What the caller is told of a transform that failed; other errors as they are. */
export function transformFailure(which: 'Request' | 'Response', error: unknown): unknown {
  if (!(error instanceof TransformError)) return error;
  return new ActionFailure('unexpected', `${which} Transformation Failed`, {
    internal: error.errors,
    cause: error,
  });
}
