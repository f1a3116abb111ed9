import type { Query } from '../database/index.ts';
import type { DelegatedExecutorName } from './delegated.ts';

/** A part of an operation's answer, told when the work for it begins. */
export type AnsweredPart =
  | {
      readonly kind: 'database';
      /** Names in the answer of the root fields that the statements are for. */
      readonly fields: readonly string[];
      /** Empty for a mutation. */
      readonly statements: readonly Query[];
    }
  | { readonly kind: DelegatedExecutorName };
