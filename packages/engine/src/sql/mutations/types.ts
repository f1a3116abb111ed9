import type { ParameterSource } from '../../permissions/index.ts';
import type { Path } from '../../support/index.ts';

export interface MutationStatement {
  readonly text: string;
  readonly parameters: readonly ParameterSource[];
  /** Where its faults are reported. */
  readonly path: Path;
  /** What it means when the statement fails with `NO_ROW_FAILURE`; null when it cannot. */
  readonly withoutRow: Refusal | null;
  /** True: the first column of its row is the JSON of an answer, of which the mutation has one, `update_many` one for each element. */
  readonly isAnswer: boolean;
}

export interface Refusal {
  readonly path: Path;
  readonly message: string;
}
