import {
  type Bytes,
  type Connection,
  type Database,
  DatabaseError,
  type Query,
} from '../../database/index.ts';
import type { InputValidationCall } from '../../plan/index.ts';
import { affectedRows, type MutationStatement, writtenRows } from '../../sql/index.ts';
import { InvariantError, Path } from '../../support/index.ts';
import { type Bindings, bindParameter } from '../bind.ts';
import { textOf } from '../text-of.ts';
import { insertNested } from './insert-nested.ts';
import type { FieldProgram, MutationProgram, Step } from './program.ts';
import { sessionQuery } from './session-query.ts';
import { translateWriteError } from './write-errors.ts';

/** Asks the webhooks of permissions whether they let the input pass. Rejects with a RequestError when one does not. */
export type InputValidator = (
  calls: readonly InputValidationCall[],
  request: Bindings & { readonly clientHeaders: readonly string[] },
) => Promise<void>;

export interface MutationServices {
  readonly databases: ReadonlyMap<string, Database>;
  readonly validateInput: InputValidator | null;
  readonly clientHeaders: readonly string[];
  readonly signal: AbortSignal | undefined;
}

/** A statement with its values. */
interface BoundStep {
  readonly step: Step;
  /** Of a `statement` step. */
  readonly query: Query | null;
}

/**
 * Executes root fields in order and gives a JSON value for each step. Those of one source are one transaction, in which any failure undoes everything;
 * with several sources each field is its own. Source: spec/graphql-api.md 8.6.
 */
export async function runMutation(
  program: MutationProgram,
  bindings: Bindings,
  services: MutationServices,
): Promise<readonly (Bytes | null)[]> {
  // All values are bound before anything runs, so that a fault in the last field leaves nothing of the first.
  const bound = program.fields.map((field) => field.steps.map((step) => bindStep(step, bindings)));
  if (program.validations.length > 0) {
    if (services.validateInput === null) {
      throw new InvariantError('a permission asks for input validation, which is not set up');
    }
    await services.validateInput(program.validations, { ...bindings, clientHeaders: services.clientHeaders });
  }
  const sources = new Set(program.fields.map(({ source }) => source));
  if (sources.size === 1) return runTogether(program.fields, bound.flat(), bindings, services);
  const answers: (Bytes | null)[] = [];
  for (const [index, field] of program.fields.entries()) {
    answers.push(...(await runTogether([field], bound[index] ?? [], bindings, services)));
  }
  return answers;
}

function bindStep(step: Step, bindings: Bindings): BoundStep {
  return { step, query: step.kind === 'statement' ? bindStatement(step.statement, bindings) : null };
}

async function runTogether(
  [field]: readonly FieldProgram[],
  steps: readonly BoundStep[],
  bindings: Bindings,
  { databases, signal }: MutationServices,
): Promise<readonly (Bytes | null)[]> {
  const database = field === undefined ? undefined : databases.get(field.source);
  if (database === undefined) throw new InvariantError(`the source "${field?.source}" is not connected`);
  const options = signal === undefined ? {} : { signal };
  const queries = steps.flatMap(({ query }) => (query === null ? [] : [query]));
  if (queries.length === steps.length) {
    try {
      const [, ...results] = await database.batch([sessionQuery(bindings.session), ...queries], options);
      return results.map((columns) => columns?.[0] ?? null);
    } catch (error) {
      const index = error instanceof DatabaseError && error.batchIndex !== null ? error.batchIndex - 1 : 0;
      throw translateWriteError(
        error,
        queries[index] ?? sessionQuery(bindings.session),
        pathOf(steps[index]?.step),
      );
    }
  }
  return database.transaction({}, async (connection) => {
    await connection.queryBytes(sessionQuery(bindings.session), options);
    const answers: (Bytes | null)[] = [];
    for (const { step, query } of steps) answers.push(await runStep(step, query, connection, bindings));
    return answers;
  });
}

async function runStep(
  step: Step,
  query: Query | null,
  connection: Connection,
  bindings: Bindings,
): Promise<Bytes | null> {
  if (step.kind === 'statement' && query !== null) {
    return (await runStatement(query, connection, step.path))[0] ?? null;
  }
  if (step.kind === 'write-and-answer') {
    const [count, rows] = await runStatement(bindStatement(step.write, bindings), connection, step.path);
    return answer(
      step.answer,
      { affected: textOf(count) ?? '0', rows: textOf(rows) ?? '{}' },
      connection,
      bindings,
    );
  }
  if (step.kind === 'nested-insert') {
    const { affected, rows } = await insertNested(step.rows, step.nullChecks, {
      run: (statement, path) => runStatement(bindStatement(statement, bindings), connection, path),
    });
    return answer(
      step.answer,
      { affected: String(affected), rows: `{${rows.join(',')}}` },
      connection,
      bindings,
    );
  }
  throw new InvariantError('a statement without its values');
}

async function answer(
  statement: MutationStatement,
  written: { readonly affected: string; readonly rows: string },
  connection: Connection,
  bindings: Bindings,
): Promise<Bytes | null> {
  const parameters = statement.parameters.map((source) => {
    if (source === writtenRows) return written.rows;
    return source === affectedRows ? written.affected : bindParameter(source, bindings);
  });
  return (await runStatement({ text: statement.text, parameters }, connection, Path.root))[0] ?? null;
}

async function runStatement(
  query: Query,
  connection: Connection,
  path: Path,
): Promise<readonly (Bytes | null)[]> {
  try {
    return await connection.queryBytes(query);
  } catch (error) {
    throw translateWriteError(error, query, path);
  }
}

function bindStatement({ text, parameters }: MutationStatement, bindings: Bindings): Query {
  return { text, parameters: parameters.map((source) => bindParameter(source, bindings)) };
}

function pathOf(step: Step | undefined): Path {
  return step === undefined || step.kind === 'nested-insert' ? Path.root : step.path;
}
