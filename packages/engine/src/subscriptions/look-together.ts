import type { DatabaseError } from '../database/index.ts';
import { type Cohort, lookAlone } from './cohorts.ts';
import type { Look } from './types.ts';

export type Outcome =
  | { readonly look: Look }
  /** `isOwn`: through this cohort's values; otherwise through something that all have in common. */
  | { readonly error: unknown; readonly isOwn: boolean };

/**
 * The answers of several cohorts of one group in one statement. When that fails through the values of one of them, both halves are asked anew, so that
 * each cohort has its own answer or its own error in the end. `onStatement` is called for every attempt. Never rejects.
 */
export async function lookTogether(
  cohorts: readonly Cohort[],
  signal: AbortSignal,
  onStatement: () => void,
): Promise<readonly Outcome[]> {
  const [first] = cohorts;
  if (first === undefined) return [];
  onStatement();
  const together = first.operation.together ?? null;
  if (cohorts.length === 1 || together === null) {
    return Promise.all(
      cohorts.map((cohort) => lookAlone(cohort, signal).then((look) => ({ look }), toError)),
    );
  }
  try {
    const sets = cohorts.map(({ operation, cursor }) => operation.together?.values(cursor) ?? []);
    return (await together.run(sets, signal)).map((look) => ({ look }));
  } catch (error) {
    if (signal.aborted || !mayBeOfOne(error)) {
      return cohorts.map(() => ({ error, isOwn: false }));
    }
    const middle = Math.ceil(cohorts.length / 2);
    // one after the other: a batch has one connection
    const left = await lookTogether(cohorts.slice(0, middle), signal, onStatement);
    return [...left, ...(await lookTogether(cohorts.slice(middle), signal, onStatement))];
  }
}

function toError(error: unknown): Outcome {
  return { error, isOwn: mayBeOfOne(error) };
}

/**
 * Whatever a statement was refused with, a function or a value may have raised for one cohort alone, be it the SQLSTATE of a shutdown. A server that answers
 * nobody ends the connection, or gives none.
 */
function mayBeOfOne(error: unknown): boolean {
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  return (
    cause === undefined || (cause instanceof Error && cause.name === ('DatabaseError' satisfies Refusal))
  );
}

type Refusal = DatabaseError['name'];
