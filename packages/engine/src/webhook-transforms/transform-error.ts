import type { Json, JsonObject } from '../support/index.ts';
import { TemplateError } from './kriti/index.ts';

/** Templates that cannot be read, or fail on what they are given: the bundle of all that is wrong. Source: spec/events.md C4. */
export class TransformError extends Error {
  override readonly name = 'TransformError';
  /** As `internal` shows them. */
  readonly errors: readonly JsonObject[];

  constructor(errors: readonly JsonObject[]) {
    super('a transform failed');
    this.errors = errors;
  }
}

/** A result that cannot stand where it would have to. */
export function unusableResult(message: string, value: Json): TransformError {
  return new TransformError([{ error_code: 'TransformationError', message, value }]);
}

/** Does several things and throws all of their errors together. */
export class ErrorBundle {
  readonly #errors: JsonObject[] = [];

  /** The result, or null when it failed. */
  attempt<T>(action: () => T): T | null {
    try {
      return action();
    } catch (error) {
      if (error instanceof TemplateError) this.#errors.push(error.toJson());
      else if (error instanceof TransformError) this.#errors.push(...error.errors);
      else throw error;
      return null;
    }
  }

  /** @throws TransformError when something failed */
  finish(): void {
    if (this.#errors.length > 0) throw new TransformError(this.#errors);
  }
}
