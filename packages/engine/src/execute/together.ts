import { createHash } from 'node:crypto';
import type { Bytes, Query, QueryOptions, Reader } from '../database/index.ts';
import type { RootPlan } from '../plan/index.ts';
import { type MultiplexedStatement, renderMultiplexed, type SelectPlan } from '../sql/index.ts';
import { InvariantError } from '../support/index.ts';
import { arrayLiteral } from './array-literal.ts';
import { type Bindings, bindParameter } from './bind.ts';
import type { Executable } from './executable.ts';
import { readsOf } from './plan-reads.ts';
import { translateDatabaseError } from './postgres-errors.ts';
import { assemble, cursorOf } from './run.ts';
import type { StreamBatch } from './types.ts';

/** An executable whose answers for many sets of values one statement gives. */
export interface SharedStatement {
  readonly executable: Executable;
  readonly source: string;
  /** Where no set has anything in common with another one. */
  readonly statement: MultiplexedStatement;
  /** Of its text. */
  readonly digest: string;
  /** Texts by which literals all sets share, at first use; the clients decide which, so that there are few. */
  readonly variants: Map<string, MultiplexedStatement>;
}

/** The values of one set, in the order of the statement's parameters. */
export type ValueSet = readonly (string | null)[];

/** PostgreSQL's lists hold 1,664 entries. */
const maximumValues = 1000;
/** Further combinations of shared literals use the text in which nothing is shared. */
const maximumVariants = 8;

const known = new WeakMap<Executable, SharedStatement | null>();

/** Null for what must be run for each set by itself: more than one statement or source, or nothing that tells sets apart. */
export function sharedStatementOf(executable: Executable): SharedStatement | null {
  let shared = known.get(executable);
  if (shared === undefined) {
    shared = makeShared(executable);
    known.set(executable, shared);
  }
  return shared;
}

function makeShared(executable: Executable): SharedStatement | null {
  const { operation, statements, delegated, sites, plan } = executable;
  const [only] = statements;
  if (operation !== 'subscription' || only === undefined || statements.length > 1) return null;
  if (delegated.length > 0 || sites.size > 0) return null;
  // declared code may hold an aggregate of nothing but arguments, which would be taken for one over the sets
  if (readsOf(plan).hasDeclaredCode) return null;
  const statement = renderMultiplexed(selectsOf(plan.fields));
  if (statement === null || statement.parameters.length > maximumValues) return null;
  const digest = createHash('sha256').update(statement.text).digest('base64');
  return { executable, source: only.source, statement, digest, variants: new Map() };
}

export function bindShared({ statement }: SharedStatement, bindings: Bindings): ValueSet {
  return statement.parameters.map(({ source }) => bindParameter(source, bindings));
}

/**
 * The answers of all sets, in their order. Rejects with a RequestError, of which nobody knows whose set it is about, and with an InvariantError where the rows
 * are not exactly one for each set.
 */
export async function runShared(
  shared: SharedStatement,
  sets: readonly ValueSet[],
  databases: ReadonlyMap<string, Reader>,
  signal: AbortSignal | undefined,
): Promise<readonly StreamBatch[]> {
  const database = databases.get(shared.source);
  if (database === undefined) throw new InvariantError(`the source "${shared.source}" is not connected`);
  const query = queryFor(shared, sets);
  const options: QueryOptions | undefined = signal === undefined ? undefined : { signal };
  let rows: readonly (readonly (Bytes | null)[])[];
  try {
    rows = await database.queryList(query, options);
  } catch (error) {
    throw translateDatabaseError(error, query);
  }
  return inOrder(rows, sets.length).map((columns) => ({
    answer: assemble(shared.executable, columns),
    cursor: shared.executable.isStream ? cursorOf(columns) : null,
  }));
}

function queryFor(shared: SharedStatement, sets: readonly ValueSet[]): Query {
  const { text, parameters } = variantFor(shared, sets);
  return {
    text,
    parameters: parameters.map(({ isShared }, index) =>
      isShared ? (sets[0]?.[index] ?? null) : arrayLiteral(sets.map((set) => set[index] ?? null)),
    ),
  };
}

/**
 * Literals that all sets have, such as those of the role's rules, stay parameters, so that PostgreSQL plans with them, and uses partial indexes.
 * Variables and what sessions give do not: they are another one in the next poll.
 */
function variantFor(shared: SharedStatement, sets: readonly ValueSet[]): MultiplexedStatement {
  const { statement, variants } = shared;
  const isCommon = statement.parameters.map(
    ({ source }, index) => source.kind === 'literal' && sets.every((set) => set[index] === sets[0]?.[index]),
  );
  if (!isCommon.includes(true)) return statement;
  const key = isCommon.map((common) => (common ? '1' : '0')).join('');
  let variant = variants.get(key);
  if (variant === undefined) {
    if (variants.size >= maximumVariants) return statement;
    const selects = selectsOf(shared.executable.plan.fields);
    variant = renderMultiplexed(selects, (index) => isCommon[index] === true) ?? statement;
    variants.set(key, variant);
  }
  return variant;
}

/** The columns of each set: a row belongs to the set whose number it begins with, and to no other. */
function inOrder(
  rows: readonly (readonly (Bytes | null)[])[],
  count: number,
): readonly (readonly (Bytes | null)[])[] {
  const columns = new Array<readonly (Bytes | null)[] | undefined>(count).fill(undefined);
  for (const [number, ...rest] of rows) {
    const index = Number(number == null ? '' : Buffer.concat(number).toString('latin1')) - 1;
    if (!(index in columns) || columns[index] !== undefined) {
      throw new InvariantError('a row belongs to no set of values, or to one that has its row already');
    }
    columns[index] = rest;
  }
  return columns.map((found) => {
    if (found === undefined) throw new InvariantError('a set of values has no row');
    return found;
  });
}

/** In the order in which their columns stand in the statement. */
function selectsOf(fields: readonly RootPlan[]): readonly SelectPlan[] {
  return fields.flatMap((field) => {
    if (field.kind === 'namespace') return selectsOf(field.fields);
    return field.kind === 'select' ? [field] : [];
  });
}
