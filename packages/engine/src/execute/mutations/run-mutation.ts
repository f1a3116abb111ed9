import { setTimeout } from 'node:timers/promises';
import { type Bytes, DatabaseError, type Query } from '../../database/index.ts';
import type { InputValidationCall } from '../../plan/index.ts';
import type { MutationStatement } from '../../sql/index.ts';
import { InvariantError, Path } from '../../support/index.ts';
import { type Bindings, bindParameter } from '../bind.ts';
import type { DelegatedPlan } from '../delegated.ts';
import type { Writer } from '../watch-statements.ts';
import type { FieldProgram, MutationProgram } from './program.ts';
import { sessionQuery, type TracePlace } from './session-query.ts';
import { translateWriteError } from './write-errors.ts';

/** Asks the webhooks of permissions whether they let the input pass. Rejects with a RequestError when one does not. */
export type InputValidator = (
  calls: readonly InputValidationCall[],
  request: Bindings & { readonly clientHeaders: readonly string[] },
) => Promise<void>;

export interface MutationServices {
  readonly databases: ReadonlyMap<string, Writer>;
  readonly validateInput: InputValidator | null;
  readonly clientHeaders: readonly string[];
  readonly signal: AbortSignal | undefined;
  /** Null: the work is part of no trace. */
  readonly trace: TracePlace | null;
  /** The answer of a field that no source has; what it leads to elsewhere is looked up when it is there. */
  readonly answerDelegated: (plan: DelegatedPlan) => Promise<Bytes | null>;
  /** Called when values are bound and the webhooks agree; throws a RequestError for what the session lacks. */
  readonly checkSession: () => void;
}

/** A statement with its values. */
interface BoundStatement {
  readonly statement: MutationStatement;
  readonly query: Query;
}

/**
 * Executes root fields in order and gives their answers. Those of one source are one transaction, sent in one round trip, in which any failure undoes everything; with several
 * sources, or others that answer, each field is its own. Source: spec/graphql-api.md 8.6; for the order of checks spec/permissions.md 6.1.
 */
export async function runMutation(
  program: MutationProgram,
  bindings: Bindings,
  services: MutationServices,
): Promise<readonly (Bytes | null)[]> {
  // All values are bound before anything runs, so that a fault in the last field leaves nothing of the first.
  const bound = program.fields.map((field) => bindField(field, bindings));
  if (program.validations.length > 0) {
    if (services.validateInput === null) {
      throw new InvariantError('a permission asks for input validation, which is not set up');
    }
    await services.validateInput(program.validations, { ...bindings, clientHeaders: services.clientHeaders });
  }
  services.checkSession();
  const source = soleSource(program);
  if (source !== null) return runTransaction(source, bound.flat(), bindings, services);
  const answers: (Bytes | null)[] = [];
  for (const [index, field] of program.fields.entries()) {
    answers.push(
      ...(field.kind === 'delegated'
        ? [await services.answerDelegated(field.plan)]
        : await runTransaction(field.source, bound[index] ?? [], bindings, services)),
    );
  }
  return answers;
}

/** The source that executes all fields; null when they are several, or others have a part in it. */
function soleSource({ fields: [first, ...others] }: MutationProgram): string | null {
  if (first?.kind !== 'statements') return null;
  const { source } = first;
  return others.every((field) => field.kind === 'statements' && field.source === source) ? source : null;
}

/**
 * One transaction. When PostgreSQL gives it up because of others (a deadlock, a serialization failure) all of it is undone, so it is run again: nobody has
 * seen anything of it.
 */
async function runTransaction(
  source: string,
  statements: readonly BoundStatement[],
  { session }: Bindings,
  { databases, signal, trace }: MutationServices,
): Promise<readonly (Bytes | null)[]> {
  const database = databases.get(source);
  if (database === undefined) throw new InvariantError(`the source "${source}" is not connected`);
  const begin = sessionQuery(session, trace);
  const queries = [begin, ...statements.map(({ query }) => query)];
  for (let attempt = 1; ; attempt++) {
    try {
      const [, ...results] = await database.batch(queries, signal === undefined ? {} : { signal });
      return results.flatMap((columns, index) =>
        statements[index]?.statement.isAnswer === true ? [columns?.[0] ?? null] : [],
      );
    } catch (error) {
      if (error instanceof DatabaseError && GIVEN_UP.has(error.sqlState) && attempt < MAXIMUM_ATTEMPTS) {
        // those who collided once should not meet again
        await setTimeout(Math.random() * RETRY_MS * attempt);
        continue;
      }
      // Neither the first query nor the commit is a statement of a field.
      const failed =
        error instanceof DatabaseError && error.batchIndex !== null
          ? statements[error.batchIndex - 1]
          : undefined;
      throw translateWriteError(error, failed?.query ?? begin, failed?.statement ?? noField);
    }
  }
}

/** PostgreSQL manual, appendix A: serialization_failure, deadlock_detected. */
const GIVEN_UP: ReadonlySet<string> = new Set(['40001', '40P01']);
const MAXIMUM_ATTEMPTS = 5;
const RETRY_MS = 20;

const noField = { path: Path.root, withoutRow: null };

function bindField({ statements }: FieldProgram, bindings: Bindings): readonly BoundStatement[] {
  return statements.map((statement) => ({
    statement,
    query: {
      text: statement.text,
      parameters: statement.parameters.map((source) => bindParameter(source, bindings)),
    },
  }));
}
