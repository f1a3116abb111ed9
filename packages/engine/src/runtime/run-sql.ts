import { type Catalog, keepSame, readCatalog } from '../catalog/index.ts';
import {
  type Connection,
  type Database,
  DatabaseConnectionError,
  DatabaseError,
  type ScriptResult,
} from '../database/index.ts';
import { sessionSettings } from '../execute/index.ts';
import { mayChangeSchema, type RunSqlArguments } from '../metadata/index.ts';
import { renderTransactionSettings } from '../sql/index.ts';
import { type Json, type Path, RequestError } from '../support/index.ts';
import { readTraceParent } from '../webhooks/index.ts';
import { catalogFacts } from './catalog-facts.ts';
import type { CommandServices } from './command-services.ts';
import { refuseInconsistency } from './consistency.ts';
import { describeRefusal } from './describe-refusal.ts';
import type { Draft } from './draft.ts';
import { followSchemaChanges } from './schema-changes.ts';

export interface RunSqlContext
  extends Pick<CommandServices, 'beforeCommit' | 'events' | 'session' | 'clientHeaders'> {
  readonly path: Path;
}

/**
 * Runs SQL as the administrator wrote it, in a transaction that knows who asks. When it may have changed the schema, the metadata follows (renames, drops) in the same
 * transaction; if it cannot, the SQL is rolled back. Source: spec/metadata-api.md 5.4, 6.
 * @throws RequestError `postgres-error` for what PostgreSQL refuses, `dependency-error` for what cannot be followed
 */
export async function runSql(
  args: RunSqlArguments,
  draft: Draft,
  { path, beforeCommit, events, session, clientHeaders }: RunSqlContext,
): Promise<Json> {
  const source = draft.sources.get(args.source);
  if (source === undefined) {
    throw new RequestError('not-exists', path, `source with name "${args.source}" does not exist`);
  }
  const { database } = source;
  if (database === null) {
    throw new RequestError('unexpected', path, `source with name "${args.source}" is inconsistent`);
  }
  const checks = mayChangeSchema(args);
  if (args.no_transaction) {
    const result = await runOutsideTransaction(args, database, path);
    if (checks) await follow(args, draft, source.catalog, database, { path, events });
    return resultJson(result);
  }
  const isolation = draft.metadata.sources.find(({ name }) => name === args.source)?.configuration
    .connection_info.isolation_level;
  try {
    return await database.transaction(
      { readOnly: args.read_only, ...(isolation === undefined ? {} : { isolation }) },
      async (connection) => {
        await connection.script(
          renderTransactionSettings(sessionSettings(session, readTraceParent(clientHeaders, true))),
        );
        const result = await runScript(args.sql, connection, path);
        if (checks) {
          await follow(args, draft, source.catalog, connection, { path, events });
          await beforeCommit?.(args.source, connection);
        }
        return resultJson(result);
      },
    );
  } catch (error) {
    throw translate(error, args.sql, path);
  }
}

/** Brings the draft's metadata and model after the database. */
async function follow(
  { source, cascade }: RunSqlArguments,
  draft: Draft,
  before: Catalog | null,
  connection: Connection | Database,
  { path, events }: Pick<RunSqlContext, 'path' | 'events'>,
): Promise<void> {
  const read = await readCatalog(connection);
  const after = before === null ? read : keepSame(before, read);
  const metadata =
    before === null
      ? draft.metadata
      : followSchemaChanges(draft.metadata, {
          source,
          before,
          after,
          facts: catalogFacts((name) => (name === source ? before : draft.catalogOf(name))),
          cascades: cascade,
          path,
        });
  const attempt = await draft.attemptWith(metadata, source, after, connection);
  refuseInconsistency({ kind: 'rest' }, { metadata, before: draft.model, after: attempt.model, path });
  const previous = draft.metadata;
  draft.accept(attempt);
  await events.follow(source, previous, draft, connection);
}

async function runScript(sql: string, connection: Connection, path: Path): Promise<ScriptResult> {
  try {
    return await connection.script(sql);
  } catch (error) {
    throw translate(error, sql, path);
  }
}

/** Statements that no transaction may hold, e.g. `CREATE INDEX CONCURRENTLY`, are sent one by one. */
async function runOutsideTransaction(
  { sql }: RunSqlArguments,
  database: Database,
  path: Path,
): Promise<ScriptResult> {
  let result: ScriptResult = { columns: null, rows: [], commandTag: '' };
  for (const statement of splitStatements(sql)) result = await runScript(statement, database, path);
  return result;
}

/** Splits at semicolons outside of quotes, dollar quotes and comments. PostgreSQL manual 4.1. */
export function splitStatements(sql: string): readonly string[] {
  const token =
    /--[^\n]*|\/\*|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$|;|[eE]'(?:[^'\\]|\\[\s\S]|'')*'/g;
  const statements: string[] = [];
  let start = 0;
  for (let match = token.exec(sql); match !== null; match = token.exec(sql)) {
    const [text] = match;
    if (text === '/*') token.lastIndex = endOfComment(sql, match.index);
    else if (text.startsWith('$')) {
      const end = sql.indexOf(text, token.lastIndex);
      token.lastIndex = end < 0 ? sql.length : end + text.length;
    } else if (text === ';') {
      statements.push(sql.slice(start, match.index));
      start = token.lastIndex;
    }
  }
  statements.push(sql.slice(start));
  return statements.map((statement) => statement.trim()).filter((statement) => statement !== '');
}

/** Block comments nest. */
function endOfComment(sql: string, start: number): number {
  const bracket = /\/\*|\*\//g;
  bracket.lastIndex = start;
  let depth = 0;
  for (let match = bracket.exec(sql); match !== null; match = bracket.exec(sql)) {
    depth += match[0] === '/*' ? 1 : -1;
    if (depth === 0) return bracket.lastIndex;
  }
  return sql.length;
}

function resultJson({ columns, rows }: ScriptResult): Json {
  if (columns === null) return { result_type: 'CommandOk', result: null };
  return {
    result_type: 'TuplesOk',
    result: [columns, ...rows.map((row) => row.map((value) => value ?? 'NULL'))],
  };
}

function translate(error: unknown, sql: string, path: Path): unknown {
  if (error instanceof DatabaseConnectionError) {
    return new RequestError('postgres-error', path, 'connection error', {
      status: 500,
      internal: error.message,
      cause: error,
    });
  }
  if (!(error instanceof DatabaseError)) return error;
  return new RequestError('postgres-error', path, 'query execution failed', {
    cause: error,
    internal: describeRefusal(error, sql),
  });
}
