import { maximumNesting, nestedTooDeeply, type Operation, type VariableBindings } from '../graphql/index.ts';
import type { RoleSchema } from '../schema/index.ts';
import { type Json, type Path, RequestError } from '../support/index.ts';
import type { OutputOptions } from './types.ts';

/** The server's switches that change what an operation means. */
export interface PlanOptions extends OutputOptions {
  /** Nulls of comparison operators are ignored instead of refused (`HASURA_GRAPHQL_V1_BOOLEAN_NULL_COLLAPSE`). */
  readonly v1BooleanNullCollapse: boolean;
  /** An unbound nullable variable counts as absent, not as null (experimental `no_null_unbound_variable_default`). */
  readonly noNullUnboundVariableDefault: boolean;
  /** A permission's check that is NULL passes, as in Hasura v2 (`POSTERN_NULL_CHECKS=pass`); without it, it fails. */
  readonly nullChecksPass?: boolean;
}

/** Values of a variable that have equal shapes lead to the same plan, as far as the use behind the shape is concerned. */
export interface VariableShape {
  readonly variable: string;
  readonly shapeOf: (value: Json) => string;
}

/** What the walk carries along: the request, what it has learnt about variables, and the bounds it obeys. */
export interface PlanContext {
  readonly schema: RoleSchema;
  readonly operation: Operation;
  readonly variables: VariableBindings;
  readonly options: PlanOptions;
  /** Variables whose value, not only their presence, has decided something. */
  readonly structuralVariables: Set<string>;
  /** Of variables of which only the form of the value has decided something; by an identity of the form. */
  readonly shapes: Map<string, VariableShape>;
  readonly effort: { left: number; depth: number };
}

/**
 * How many selections and input values one operation may have once its fragments are in place. Fragments that spread fragments
 * multiply, so the length of the text is no bound.
 */
export const maximumEffort = 1_000_000;

/** Counts `amount` selections or input values. */
export function spend(context: PlanContext, path: Path, amount = 1): void {
  context.effort.left -= amount;
  if (context.effort.left < 0) {
    throw new RequestError(
      'validation-failed',
      path,
      `the query has more than ${maximumEffort} selections and values`,
    );
  }
}

/** Runs `inside` one level deeper, if that is not too deep. */
export function nested<T>(context: PlanContext, path: Path, inside: () => T): T {
  if (context.effort.depth >= maximumNesting) throw nestedTooDeeply(path);
  context.effort.depth++;
  const result = inside();
  context.effort.depth--;
  return result;
}

export function fault(path: Path, message: string): RequestError {
  return new RequestError('validation-failed', path, message);
}
