/** What a run has found. */
export type Report = {
  readonly files: readonly FileReport[];
  /** Every permission of the project's metadata. */
  readonly rules: readonly RuleName[];
  /** Those that no request of a test has used. */
  readonly unexercised: readonly RuleName[];
};

export type FileReport = {
  /** Relative to the project folder, e.g. `permissions/articles.test.yaml`. */
  readonly path: string;
  readonly outcomes: readonly TestOutcome[];
};

export type TestOutcome = {
  readonly name: string;
  /** Null: the visitor without a role. */
  readonly role: string | null;
  readonly seconds: number;
  /** Null: passed. Otherwise the lines that say what was different and why. */
  readonly failure: readonly string[] | null;
};

/** A permission: a role's right to one operation on one table. */
export type RuleName = {
  readonly source: string;
  /** `schema.table`. */
  readonly table: string;
  readonly role: string;
  readonly operation: 'select' | 'insert' | 'update' | 'delete';
};
