import { createEngine, type Engine, type EngineOptions } from '../../src/index.ts';
import { type Json, parseJson } from '../../src/support/index.ts';
import { createTestDatabase, type TestDatabase } from './test-database.ts';

export interface ProjectOptions {
  /** SQL that makes the tables and their rows. */
  readonly tables?: string;
  /**
   * What is tracked: the tables of the source `default` as in the metadata document (a table may be named by a string when it is in
   * `public`), or members of a whole document, e.g. `{ sources, inherited_roles }`.
   */
  readonly metadata?: readonly JsonLike[] | { readonly [key: string]: JsonLike };
  /** Settings of the engine beside the database and the admin secret. */
  readonly engine?: EngineOptions;
}

/** JSON as test files write it down. */
export type JsonLike =
  | null
  | boolean
  | number
  | string
  | readonly JsonLike[]
  | { readonly [key: string]: JsonLike | undefined };

export interface Caller {
  /** The complete answer of `/v1/graphql`, e.g. `{ data: … }` or `{ errors: … }`. */
  query(document: string, variables?: JsonLike, operationName?: string): Promise<unknown>;
  /** As `query`, as the text that was sent: the order of keys and the digits of numbers matter in it. */
  queryText(document: string, variables?: JsonLike): Promise<string>;
  /** Any request with the caller's headers; a body that is not text or bytes is sent as JSON. */
  request(path: string, body?: unknown, init?: RequestInit): Promise<Response>;
}

/** A command's answer. */
export interface CommandAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** An engine on a database of its own. The caller itself is the administrator. */
export interface Project extends Caller {
  readonly engine: Engine;
  readonly database: TestDatabase;
  /** A caller with a role and session variables: `api.as('user', { 'x-hasura-user-id': 1 })`. */
  as(role: string, variables?: Readonly<Record<string, string | number>>): Caller;
  /** A caller without admin secret, with these headers only. */
  withHeaders(headers: Readonly<Record<string, string>>): Caller;
  /** Rows of a statement on the database itself: `` await api.sql`select 1 as one` ``. Interpolated values become parameters. */
  sql(text: TemplateStringsArray, ...parameters: readonly unknown[]): Promise<Record<string, unknown>[]>;
  /** One command of `/v1/metadata` (or of another endpoint), e.g. `api.command('pg_track_table', { table: 'notes' })`. */
  command(type: string, args: JsonLike, path?: string): Promise<CommandAnswer>;
  /** `run_sql` on the source `default`. */
  runSql(sql: string, args?: { readonly [key: string]: JsonLike }): Promise<CommandAnswer>;
  /** Ends the engine and drops the database. */
  close(): Promise<void>;
}

const secret = 'test-secret';

/**
 * A database with tables, an engine on it, and its metadata; asked as clients ask, through `createEngine().fetch`.
 *
 *     let api: Project;
 *     beforeAll(async () => {
 *       api = await project({
 *         tables: `create table notes (id int primary key, owner int, text text); insert into notes values (1, 1, 'a'), (2, 2, 'b')`,
 *         metadata: [
 *           { table: 'notes', select_permissions: [{ role: 'user', permission: { columns: ['id'], filter: { owner: { _eq: 'X-Hasura-User-Id' } } } }] },
 *         ],
 *       });
 *     });
 *     afterAll(() => api?.close());
 *
 *     test('a user sees own notes', async () => {
 *       expect(await api.as('user', { 'x-hasura-user-id': 1 }).query('{ notes { id } }')).toEqual({ data: { notes: [{ id: 1 }] } });
 *     });
 *
 * Rejects when the metadata does not fit; `metadata` may then be applied in the test by `api.command('replace_metadata', …)`.
 */
export async function project(options: ProjectOptions = {}): Promise<Project> {
  const database = await createTestDatabase();
  let engine: Engine | undefined;
  try {
    if (options.tables !== undefined) await database.sql(options.tables);
    engine = await createEngine({ databaseUrl: database.url, adminSecret: secret, ...options.engine });
    if (options.metadata !== undefined) {
      await engine.metadata.run(asJson({ type: 'replace_metadata', args: documentOf(options.metadata) }));
    }
    return projectOn(engine, database);
  } catch (error) {
    await engine?.close();
    await database.drop();
    const { internal } = error as { internal?: unknown };
    if (internal !== undefined) throw new Error(`${error}: ${JSON.stringify(internal)}`, { cause: error });
    throw error;
  }
}

/** The answer of `/v1/graphql` to a request that is refused. */
export function graphqlError(code: string, path: string, message: string): unknown {
  return { errors: [{ message, extensions: { path, code } }] };
}

/** Where a field's selection set is: `at('notes', 'author')` → `$.selectionSet.notes.selectionSet.author`. */
export function at(...fields: readonly string[]): string {
  return ['$', ...fields.flatMap((field) => ['selectionSet', field])].join('.');
}

/** A metadata document with one source `default` on the database of HASURA_GRAPHQL_DATABASE_URL. */
export function documentOf(metadata: NonNullable<ProjectOptions['metadata']>): {
  [key: string]: JsonLike | undefined;
} {
  const members = isTableList(metadata) ? { sources: [sourceOf(metadata)] } : metadata;
  return { version: 3, sources: [sourceOf([])], ...members };
}

/** A source on the database of HASURA_GRAPHQL_DATABASE_URL. */
export function sourceOf(tables: readonly JsonLike[], name = 'default') {
  return {
    name,
    kind: 'postgres',
    tables: tables.map(withQualifiedName),
    configuration: { connection_info: { database_url: { from_env: 'HASURA_GRAPHQL_DATABASE_URL' } } },
  };
}

function isTableList(metadata: NonNullable<ProjectOptions['metadata']>): metadata is readonly JsonLike[] {
  return Array.isArray(metadata);
}

function withQualifiedName(entry: JsonLike): JsonLike {
  const { table, ...others } = entry as { readonly [key: string]: JsonLike };
  return { table: typeof table === 'string' ? { schema: 'public', name: table } : table, ...others };
}

function projectOn(engine: Engine, database: TestDatabase): Project {
  const admin = { 'x-hasura-admin-secret': secret };
  const withHeaders = (headers: Readonly<Record<string, string>>) => callerOf(engine, headers);
  const caller = withHeaders(admin);
  const command: Project['command'] = async (type, args, path = '/v1/metadata') => {
    const response = await caller.request(path, { type, args });
    return { status: response.status, body: await response.json() };
  };
  return {
    ...caller,
    engine,
    database,
    withHeaders,
    as(role, variables = {}) {
      const texts = Object.entries(variables).map(([name, value]) => [name, String(value)]);
      return withHeaders({ ...admin, 'x-hasura-role': role, ...Object.fromEntries(texts) });
    },
    sql: (text, ...parameters) =>
      database.sql(
        text.reduce((before, after, index) => `${before}$${index}${after}`),
        parameters.length === 0 ? undefined : parameters,
      ),
    command,
    runSql: (sql, args = {}) => command('run_sql', { source: 'default', sql, ...args }, '/v2/query'),
    async close() {
      await engine.close({ deadlineMs: 2_000 });
      await database.drop();
    },
  };
}

function callerOf(engine: Engine, headers: Readonly<Record<string, string>>): Caller {
  const request: Caller['request'] = (path, body, init = {}) =>
    engine.fetch(
      new Request(`http://postern.test${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        ...(body === undefined ? {} : { body: bodyOf(body) }),
        ...init,
        headers: { 'content-type': 'application/json', ...headers, ...(init.headers as object) },
      }),
    );
  const ask = async (query: string, variables?: JsonLike, operationName?: string) => {
    const members = { query, ...(variables === undefined ? {} : { variables }) };
    return request('/v1/graphql', operationName === undefined ? members : { ...members, operationName });
  };
  return {
    request,
    query: async (...args) => (await ask(...args)).json(),
    queryText: async (...args) => (await ask(...args)).text(),
  };
}

function bodyOf(body: unknown): string | Uint8Array {
  return typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
}

/** As it would arrive over HTTP: without undefined members, and without prototypes. */
function asJson(value: unknown): Json {
  return parseJson(JSON.stringify(value));
}
