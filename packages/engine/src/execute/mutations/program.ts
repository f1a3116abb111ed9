import type { ParameterSource } from '../../permissions/index.ts';
import type {
  InputValidationCall,
  InsertRows,
  Mutation,
  MutationOutput,
  NullChecks,
  RootPlan,
} from '../../plan/index.ts';
import {
  answersItself,
  type MutationStatement,
  renderAnswerFromRows,
  renderAnsweringWrite,
  renderFunctionCall,
  renderInsertOfRows,
  renderWriteOfRows,
  type SingleWrite,
} from '../../sql/index.ts';
import { InvariantError, Path, unreachable } from '../../support/index.ts';

export type MutationPlan = Extract<RootPlan, { kind: 'mutation' }>;

/** What one part of the answer takes; it gives one JSON value. */
export type Step =
  /** A statement whose first column is the answer. */
  | { readonly kind: 'statement'; readonly statement: MutationStatement; readonly path: Path }
  /** Writes, then selects the answer from what was written. */
  | {
      readonly kind: 'write-and-answer';
      readonly write: MutationStatement;
      readonly answer: MutationStatement;
      readonly path: Path;
    }
  /** Rows with related rows, written one after another. */
  | {
      readonly kind: 'nested-insert';
      readonly rows: InsertRows;
      readonly nullChecks: NullChecks;
      readonly answer: MutationStatement;
    };

export interface FieldProgram {
  readonly source: string;
  readonly steps: readonly Step[];
}

/** How the root fields of a mutation are executed, in order. */
export interface MutationProgram {
  readonly fields: readonly FieldProgram[];
  readonly validations: readonly InputValidationCall[];
  /** Everything that will be bound, for the check that all session variables are there. */
  readonly parameters: readonly ParameterSource[];
}

/** Renders what can be rendered before values are known. `steps` of a field come in the order of the columns of its answer. */
export function makeProgram(plans: readonly MutationPlan[]): MutationProgram {
  const parameters: ParameterSource[] = [];
  const fields = plans.map(({ source, mutation }): FieldProgram => {
    const steps = stepsOf(mutation);
    for (const step of steps) parameters.push(...parametersOf(step));
    return { source, steps };
  });
  return { fields, validations: plans.flatMap(({ validations }) => validations), parameters };
}

function stepsOf(mutation: Mutation): readonly Step[] {
  switch (mutation.kind) {
    case 'insert': {
      const { rows, output, nullChecks } = mutation;
      if (!hasRelatedRows(rows)) return [stepOf(mutation, rows.path)];
      return [{ kind: 'nested-insert', rows, nullChecks, answer: renderAnswerFromRows(rows.table, output) }];
    }
    case 'update':
    case 'delete':
      return [stepOf(mutation, Path.root)];
    case 'update-many':
      return mutation.updates.flatMap((update) =>
        update.kind === 'nothing' ? [] : [stepOf(update, Path.root)],
      );
    case 'function':
      return [{ kind: 'statement', statement: renderFunctionCall(mutation.select), path: Path.root }];
    default:
      return unreachable(mutation);
  }
}

function stepOf(write: SingleWrite, path: Path): Step {
  if (answersItself(write.output)) return { kind: 'statement', statement: renderAnsweringWrite(write), path };
  const table = write.kind === 'insert' ? write.rows.table : write.table;
  return {
    kind: 'write-and-answer',
    write: renderWriteOfRows(write),
    answer: renderAnswerFromRows(table, write.output),
    path,
  };
}

export function hasRelatedRows({ values }: InsertRows): boolean {
  return (
    values.kind === 'rows' && values.rows.some(({ before, after }) => before.length > 0 || after.length > 0)
  );
}

function parametersOf(step: Step): readonly ParameterSource[] {
  switch (step.kind) {
    case 'statement':
      return step.statement.parameters;
    case 'write-and-answer':
      return [...step.write.parameters, ...step.answer.parameters];
    case 'nested-insert':
      return [...parametersOfRows(step.rows, step.nullChecks), ...step.answer.parameters];
    default:
      return unreachable(step);
  }
}

/** What the rows and all below them will bind, found by rendering each table's statement once. */
function parametersOfRows(rows: InsertRows, nullChecks: NullChecks): readonly ParameterSource[] {
  const own = renderInsertOfRows(rows, null, new Map(), [], nullChecks).parameters;
  if (rows.values.kind === 'columns') return own;
  const nested = rows.values.rows.flatMap(({ before, after }) => [...before, ...after]);
  return [...own, ...nested.flatMap((each) => parametersOfRows(each.rows, nullChecks))];
}

/** The JSON of an element of `update_many` that changes nothing. */
export function nothingUpdated(output: MutationOutput): string {
  if (output.kind === 'row') throw new InvariantError('update_many answers with responses');
  const members = output.items.map((item) => {
    const value =
      item.kind === 'typename' ? JSON.stringify(item.value) : item.kind === 'affected-rows' ? '0' : '[]';
    return `${JSON.stringify(item.key)}:${value}`;
  });
  return `{${members.join(',')}}`;
}
