import { Buffer } from 'node:buffer';
import type { Bytes, Database, Query, QueryOptions } from '../database/index.ts';
import { InvariantError } from '../support/index.ts';
import type { Executable, SourceStatement } from './executable.ts';
import { translateDatabaseError } from './postgres-errors.ts';

/** Runs the statements, one per source and at the same time, and puts their bytes into the response. */
export async function runQueries(
  executable: Executable,
  parameters: readonly (readonly (string | null)[])[],
  databases: ReadonlyMap<string, Database>,
  signal: AbortSignal | undefined,
): Promise<Bytes> {
  const { statements } = executable;
  const [first] = statements;
  if (first === undefined) return assemble(executable, []);
  if (statements.length === 1) {
    return assemble(executable, await runStatement(first, parameters[0] ?? [], databases, signal));
  }
  const columns = await Promise.all(
    statements.map((statement, index) => runStatement(statement, parameters[index] ?? [], databases, signal)),
  );
  return assemble(executable, columns.flat());
}

async function runStatement(
  { source, statement }: SourceStatement,
  parameters: readonly (string | null)[],
  databases: ReadonlyMap<string, Database>,
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
