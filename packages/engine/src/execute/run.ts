import { Buffer } from 'node:buffer';
import type { Bytes, Query, QueryOptions, Reader } from '../database/index.ts';
import { InvariantError } from '../support/index.ts';
import type { AnsweredPlan } from './delegated.ts';
import type { Executable, SourceStatement } from './executable.ts';
import type { JoinSite } from './joins/sites.ts';
import { translateDatabaseError } from './postgres-errors.ts';
import { textOf } from './text-of.ts';
import type { StreamBatch } from './types.ts';

export interface QueryServices {
  readonly databases: ReadonlyMap<string, Reader>;
  readonly signal: AbortSignal | undefined;
  /** The finished answer of a field that no source has. */
  answerDelegated(plan: AnsweredPlan): Promise<Bytes | null>;
  /** Looks up in a column's value what other sources have to it. */
  complete(column: Bytes | null, sites: readonly JoinSite[]): Promise<Bytes | null>;
}

/** Runs the statements, one per source, and the fields of others, all at the same time, and puts their bytes into the response. */
export async function runQueries(
  executable: Executable,
  parameters: readonly (readonly (string | null)[])[],
  services: QueryServices,
): Promise<Bytes> {
  const { statements, delegated, sites } = executable;
  const { databases, signal } = services;
  const [first] = statements;
  const isPlain = delegated.length === 0 && sites.size === 0;
  if (first === undefined && isPlain) return assemble(executable, []);
  if (first !== undefined && statements.length === 1 && isPlain) {
    return assemble(executable, await runStatement(first, parameters[0] ?? [], databases, signal));
  }
  const [columns, answers] = await Promise.all([
    Promise.all(
      statements.map((statement, index) =>
        runStatement(statement, parameters[index] ?? [], databases, signal),
      ),
    ),
    Promise.all(delegated.map((plan) => services.answerDelegated(plan))),
  ]);
  return assemble(executable, await completeColumns([...columns.flat(), ...answers], sites, services));
}

/** One batch of a stream, and where the stream has come to with it; null for an empty batch. */
export async function runStream(
  executable: Executable,
  parameters: readonly (string | null)[],
  { databases, signal }: Pick<QueryServices, 'databases' | 'signal'>,
): Promise<StreamBatch> {
  const [statement] = executable.statements;
  if (statement === undefined) throw new InvariantError('a stream without statement');
  const columns = await runStatement(statement, parameters, databases, signal);
  return { answer: assemble(executable, columns), cursor: cursorOf(columns) };
}

/** From the columns of a stream's batch. */
export function cursorOf(columns: readonly (Bytes | null)[]): string | null {
  const [cursor = null] = Object.values(
    JSON.parse(textOf(columns[1]) ?? '{}') as Record<string, string | null>,
  );
  return cursor;
}

/** The columns with what is to be looked up in them. */
export async function completeColumns(
  columns: readonly (Bytes | null)[],
  sites: Executable['sites'],
  services: Pick<QueryServices, 'complete'>,
): Promise<readonly (Bytes | null)[]> {
  if (sites.size === 0) return columns;
  return Promise.all(
    columns.map((column, index) => {
      const found = sites.get(index);
      return found === undefined ? column : services.complete(column, found);
    }),
  );
}

async function runStatement(
  { source, statement }: SourceStatement,
  parameters: readonly (string | null)[],
  databases: ReadonlyMap<string, Reader>,
  signal: AbortSignal | undefined,
): Promise<readonly (Bytes | null)[]> {
  const database = databases.get(source);
  if (database === undefined) throw new InvariantError(`the source "${source}" is not connected`);
  const query: Query = { text: statement.text, parameters };
  const options: QueryOptions | undefined = signal === undefined ? undefined : { signal };
  try {
    return await database.queryBytes(query, options);
  } catch (error) {
    throw translateDatabaseError(error, query);
  }
}

const NULL: Uint8Array = Buffer.from('null');

export function assemble({ layout }: Executable, columns: readonly (Bytes | null)[]): Bytes {
  const pieces: Uint8Array[] = [];
  for (const piece of layout) {
    if (typeof piece !== 'number') {
      pieces.push(piece);
      continue;
    }
    const value = columns[piece];
    if (value === undefined || value === null) pieces.push(NULL);
    else for (const part of value) pieces.push(part);
  }
  return pieces;
}
