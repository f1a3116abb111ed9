import {
  isList,
  isMapping,
  type Mapping,
  mappingOf,
  readJson,
  type Value,
  writeJson,
} from '../document/index.ts';
import type { ProjectConfig } from '../project/index.ts';
import { messageOf, UserError } from '../user-error.ts';
import { lost, noEngine, notServed, refusal, unreachable } from './failures.ts';
import { codeOf, type HttpRequest, type HttpResponse, openTransport } from './http.ts';

export type SqlOptions = { readonly source: string; readonly sql: string };

/** What the command asks of a server. Everything rejects with an `EngineError`, or a UserError when the server is not reached. */
export type EngineClient = {
  readonly endpoint: string;
  /** As the server calls itself, e.g. `v2.36.0`. Also the first sign that it is there. */
  version(): Promise<string>;
  /** A command that only reads, of `/v1/metadata`. */
  ask(type: string): Promise<Value>;
  /** A command that changes metadata. */
  change(type: string, args: Value, version?: number): Promise<Value>;
  /** Stores what was read before and changed; said twice it is the same. */
  store(type: string, args: Value): Promise<void>;
  /** The rows, the first of them names of columns. A change of tables neither fails on what depends on them nor renames anything. */
  runSql(options: SqlOptions & { readonly isInTransaction: boolean }): Promise<readonly Value[]>;
  /** All of it, one statement list after the other. */
  runAll(list: readonly SqlOptions[]): Promise<void>;
  /** Commands of an API in one request, one after the other; the answer is the list of theirs. */
  bulk(api: 'metadata' | 'query', commands: readonly Value[]): Promise<Value>;
  /** The answer to a GraphQL question, as it came. */
  graphql(query: string): Promise<Value>;
  /** What pg_dump with these options writes of a source, as SQL that `runSql` takes. */
  dump(source: string, options: readonly string[]): Promise<string>;
  close(): void;
};

export function openClient(config: ProjectConfig): EngineClient {
  const transport = openTransport(config);
  const headers: Record<string, string> = {
    'hasura-client-name': 'hasura-cli',
    ...(config.adminSecret === null ? {} : { 'x-hasura-admin-secret': headerValue(config.adminSecret) }),
  };
  const send = async (request: Omit<HttpRequest, 'headers'>): Promise<HttpResponse> => {
    try {
      return await transport.send({ ...request, headers });
    } catch (error) {
      if (!request.mayRepeat && ['ECONNRESET', 'EPIPE'].includes(codeOf(error)))
        throw lost(config.endpoint, error);
      throw unreachable(config.endpoint, error);
    }
  };
  const post = async (
    path: string,
    body: Value,
    { mayRepeat = false }: { mayRepeat?: boolean } = {},
  ): Promise<string> => {
    const response = await send({ method: 'POST', path, body: writeJson(body), mayRepeat, isShort: false });
    if (response.status === 404) throw notServed(config.endpoint, path);
    if (response.status !== 200) throw refusal(config.endpoint, response);
    return response.text;
  };
  const command = (type: string, args: Value, version?: number): Value =>
    mappingOf([
      ['type', type],
      ['version', version === undefined ? undefined : readJson(String(version))],
      ['args', args],
    ]);
  return {
    endpoint: config.endpoint,
    async version() {
      const response = await send({
        method: 'GET',
        path: config.paths.version,
        body: null,
        mayRepeat: true,
        isShort: true,
      });
      if (response.status !== 200) throw refusal(config.endpoint, response);
      const answer = versionAnswer(config.endpoint, response.text);
      const version = isMapping(answer) ? answer.get('version') : undefined;
      if (typeof version !== 'string')
        throw noEngine(config.endpoint, `its version is ${response.text.slice(0, 100)}`);
      return version;
    },
    ask: async (type) =>
      parsed(await post(config.paths.metadata, command(type, new Map()), { mayRepeat: true })),
    change: async (type, args, version) =>
      parsed(await post(config.paths.metadata, command(type, args, version))),
    async store(type, args) {
      await post(config.paths.metadata, command(type, args), { mayRepeat: true });
    },
    async runSql(options) {
      const answer = parsed(await post(config.paths.v2Query, runSqlCommand(options)));
      const rows =
        isMapping(answer) && typeof answer.get('result_type') === 'string' ? answer.get('result') : undefined;
      if (rows !== null && !isList(rows))
        throw new UserError(`the answer to run_sql is not understood: ${writeJson(answer)}`);
      return rows ?? [];
    },
    async runAll(list) {
      const args = list.map((options) =>
        mappingOf([
          ['type', 'run_sql'],
          [
            'args',
            mappingOf([
              ['sql', options.sql],
              ['source', options.source],
            ]),
          ],
        ]),
      );
      await post(config.paths.v2Query, command('bulk', args));
    },
    async bulk(api, commands) {
      const path = api === 'metadata' ? config.paths.metadata : config.paths.v2Query;
      return parsed(await post(path, command('bulk', commands)));
    },
    graphql: async (query) =>
      parsed(await post(config.paths.graphql, mappingOf([['query', query]]), { mayRepeat: true })),
    async dump(source, opts) {
      const body = mappingOf([
        ['opts', opts],
        ['clean_output', true],
        ['source', source],
      ]);
      return withoutPsqlCommands(await post(config.paths.pgDump, body, { mayRepeat: true }));
    },
    close: () => transport.close(),
  };
}

/** Its bytes in UTF-8, as other programs send it; Node writes the characters of a header as bytes. @throws UserError */
function headerValue(secret: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(secret)) {
    throw new UserError(
      'the admin secret holds a line end or another sign that cannot be sent: look where it is taken from',
    );
  }
  return Buffer.from(secret, 'utf8').toString('latin1');
}

function runSqlCommand({
  source,
  sql,
  isInTransaction,
}: SqlOptions & { readonly isInTransaction: boolean }): Mapping {
  return mappingOf([
    ['type', 'run_sql'],
    [
      'args',
      mappingOf([
        ['sql', sql],
        ['source', source],
        ['check_metadata_consistency', false],
        ['no_transaction', isInTransaction ? undefined : true],
      ]),
    ],
  ]);
}

/** Newer versions of pg_dump begin with `\restrict KEY` and end with `\unrestrict KEY`, which psql takes and no server does. */
function withoutPsqlCommands(dump: string): string {
  return dump.replace(/^\\restrict \S+\n/, '').replace(/(^|\n)\\unrestrict \S+\s*$/, '$1');
}

/** Another program may answer any question with a page. */
function versionAnswer(endpoint: string, text: string): Value {
  try {
    return readJson(text);
  } catch {
    throw noEngine(endpoint, `it says ${JSON.stringify(text.slice(0, 100))}`);
  }
}

function parsed(text: string): Value {
  try {
    return readJson(text);
  } catch (error) {
    throw new UserError(`the server's answer is not understood (${messageOf(error)}): ${text.slice(0, 200)}`);
  }
}
