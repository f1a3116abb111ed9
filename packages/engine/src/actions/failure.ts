import { type ErrorCode, type Json, type JsonObject, Path, RequestError } from '../support/index.ts';

/** Why an action has no answer. Source: spec/actions.md 8. */
export class ActionFailure extends Error {
  override readonly name = 'ActionFailure';
  /** Of the contract, or the handler's own. */
  readonly code: string;
  /** What the handler wants to be shown instead of code and path; undefined: nothing. */
  readonly extensions: Json | undefined;
  /** For those who may see internals. */
  readonly internal: Json | undefined;
  /** On endpoints that report one. */
  readonly status: number;

  constructor(
    code: string,
    message: string,
    details: {
      readonly extensions?: Json;
      readonly internal?: Json;
      readonly status?: number;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, { cause: details.cause });
    this.code = code;
    this.extensions = details.extensions;
    this.internal = details.internal;
    this.status = details.status ?? 500;
  }

  /** As the caller of a synchronous action gets it. */
  toRequestError(): RequestError {
    const details = {
      status: this.status,
      cause: this,
      ...(this.internal === undefined ? {} : { internal: this.internal }),
    };
    if (this.extensions !== undefined) {
      return new RequestError('unexpected', Path.root, this.message, {
        ...details,
        extensions: this.extensions,
      });
    }
    if (isOurs(this.code)) return new RequestError(this.code, Path.root, this.message, details);
    const extensions = { path: '$', code: this.code };
    return new RequestError('unexpected', Path.root, this.message, { ...details, extensions });
  }

  /** As the log of asynchronous actions keeps it: without internals, and without what the handler added. */
  toJson(): JsonObject {
    return { error: this.message, path: '$', code: this.code };
  }
}

/** The codes of failures that are found here; a handler that uses one means the same. */
const ours = ['unexpected', 'not-found', 'parse-failed'] as const satisfies readonly ErrorCode[];

function isOurs(code: string): code is (typeof ours)[number] {
  return ours.some((known) => known === code);
}
