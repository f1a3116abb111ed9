import type { Reader } from '../../database/index.ts';
import type { Join, RemoteFieldJoin, RowsJoin } from '../../plan/index.ts';
import type { Statement } from '../../sql/index.ts';
import {
  InvariantError,
  type Json,
  passedOnJson,
  parseJson,
  RequestError,
  stringifyJson,
} from '../../support/index.ts';
import { type Bindings, bindParameters } from '../bind.ts';
import type { DelegatedAnswer, PendingJoin } from '../delegated.ts';
import { translateDatabaseError } from '../postgres-errors.ts';
import { textOf } from '../text-of.ts';
import type { ExecutableJoins } from './executable-joins.ts';
import { pendingAt } from './sites.ts';

export interface JoinServices {
  readonly joins: ExecutableJoins;
  readonly bindings: Bindings;
  readonly databases: ReadonlyMap<string, Reader>;
  readonly signal: AbortSignal | undefined;
  readonly joinRemoteFields: (
    join: RemoteFieldJoin,
    rows: readonly (readonly Json[])[],
  ) => Promise<readonly DelegatedAnswer[]>;
}

/** More rows than this are looked up in several statements, one after the other. */
const MAXIMUM_ROWS = 10_000;

/**
 * Fills in what is pending, and what is pending inside of that, level by level: one statement for each relationship, whatever the number of rows.
 * Rejects with a RequestError. Source: spec/remote-schemas.md 10.
 */
export async function resolveJoins(pending: readonly PendingJoin[], services: JoinServices): Promise<void> {
  for (let level = pending; level.length > 0; ) {
    const byJoin = new Map<Join, PendingJoin[]>();
    for (const each of level) {
      const known = byJoin.get(each.join);
      if (known === undefined) byJoin.set(each.join, [each]);
      else known.push(each);
    }
    const inner = await Promise.all(
      [...byJoin].map(([join, members]) => resolveJoin(join, members, services)),
    );
    level = inner.flat();
  }
}

/** Equal values are looked up once; gives what is pending inside of what was found. */
async function resolveJoin(
  join: Join,
  members: readonly PendingJoin[],
  services: JoinServices,
): Promise<readonly PendingJoin[]> {
  const byValues = new Map<string, PendingJoin[]>();
  for (const member of members) {
    const key = stringifyJson(member.values);
    const known = byValues.get(key);
    if (known === undefined) byValues.set(key, [member]);
    else known.push(member);
  }
  const groups = [...byValues.values()];
  return join.kind === 'rows'
    ? resolveRows(join, groups, services)
    : resolveRemoteField(join, groups, services);
}

/** Members that are joined by equal values. */
type Group = readonly PendingJoin[];

function valuesOf([first]: Group): readonly Json[] {
  return first?.values ?? [];
}

async function resolveRemoteField(
  join: RemoteFieldJoin,
  groups: readonly Group[],
  services: JoinServices,
): Promise<readonly PendingJoin[]> {
  const answers = await services.joinRemoteFields(join, groups.map(valuesOf));
  return groups.flatMap((group, index) => {
    const answer = answers[index];
    if (answer === undefined) throw new InvariantError('a remote schema answered for too few rows');
    for (const { holder, key } of group) holder[key] = answer.value;
    return answer.joins;
  });
}

async function resolveRows(
  join: RowsJoin,
  groups: readonly Group[],
  services: JoinServices,
): Promise<readonly PendingJoin[]> {
  const executable = services.joins.get(join);
  if (executable === undefined) throw new InvariantError('a join was not made ready');
  const pending: PendingJoin[] = [];
  for (let start = 0; start < groups.length; start += MAXIMUM_ROWS) {
    const together = groups.slice(start, start + MAXIMUM_ROWS);
    const texts = await findRows(join, executable.statement, together.map(valuesOf), services);
    together.forEach((group, index) => {
      const text = texts[index] ?? null;
      const hasInner = text !== null && executable.sites.length > 0;
      const found = text === null ? null : hasInner ? parseJson(text) : passedOnJson(text);
      for (const { holder, key } of group) holder[key] = found;
      if (hasInner) pending.push(...pendingAt(found, executable.sites));
    });
  }
  return pending;
}

/** The JSON text of what belongs to each row of values, in their order. */
async function findRows(
  { source, columns }: RowsJoin,
  statement: Statement,
  rows: readonly (readonly Json[])[],
  { bindings, databases, signal }: JoinServices,
): Promise<readonly (string | null)[]> {
  const database = databases.get(source);
  if (database === undefined) throw new InvariantError(`the source "${source}" is not connected`);
  const records = rows.map((values, position): Json => {
    const record: Record<string, Json> = { position };
    columns.forEach(({ name }, index) => {
      record[name] = values[index] ?? null;
    });
    return record;
  });
  const rowsToJoin = stringifyJson(records);
  const query = { text: statement.text, parameters: bindParameters(statement, { ...bindings, rowsToJoin }) };
  try {
    const [column] = await database.queryBytes(query, signal === undefined ? undefined : { signal });
    return JSON.parse(textOf(column) ?? '[]') as (string | null)[];
  } catch (error) {
    throw withoutValues(translateDatabaseError(error, query), rows);
  }
}

/**
 * What rows are joined by may come from columns that the role does not see, and PostgreSQL names a value that it cannot read as one of the other column's type.
 */
function withoutValues(error: unknown, rows: readonly (readonly Json[])[]): unknown {
  if (!(error instanceof RequestError) || error.code !== 'data-exception') return error;
  const { message, path, code, internal } = error;
  const isTold = rows.some((values) =>
    values.some((value) => {
      const text = typeof value === 'string' ? value : stringifyJson(value);
      return value !== null && text !== '' && message.includes(text);
    }),
  );
  if (!isTold) return error;
  return new RequestError(code, path, 'what rows are joined by is no value of the column that it leads to', {
    internal: internal ?? message,
    cause: error,
  });
}
