import type { Session } from '../authentication/index.ts';
import type { Database } from '../database/index.ts';
import type { InputValidator } from '../execute/index.ts';
import type { Model } from '../model/index.ts';
import type { InputValidationCall, NullChecks, OutputOptions } from '../plan/index.ts';
import type { Path } from '../support/index.ts';

/** What an operation is answered from. */
export interface DataContext {
  readonly session: Session;
  readonly model: Model;
  readonly databases: ReadonlyMap<string, Database>;
  readonly options: DataOptions;
  /** Asks the webhooks of permissions. */
  readonly validateInput: InputValidator;
  /** Headers of the HTTP request, for those webhooks. */
  readonly clientHeaders: readonly string[];
  /** Where the operation's arguments stand: `$.args`, in a bulk `$.args[1].args`. */
  readonly path: Path;
}

export interface DataOptions extends OutputOptions {
  readonly nullChecks: NullChecks;
}

/** A write, and the webhooks that must agree before it. */
export interface PlannedWrite<M> {
  readonly mutation: M;
  readonly validations: readonly InputValidationCall[];
}
