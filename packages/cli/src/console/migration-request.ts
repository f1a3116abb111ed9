import { isList, isMapping, isSame, type Mapping, mappingsIn, type Value } from '../document/index.ts';
import { ApiError } from './api-error.ts';

/** A change that a console asks for: commands of the engine's APIs, and those that undo them. */
export type MigrationRequest = {
  readonly name: string;
  readonly database: string;
  readonly up: readonly Mapping[];
  readonly down: readonly Mapping[];
  /** Only files and record. */
  readonly isSkipped: boolean;
};

/** @throws ApiError when the body is none */
export function parseMigrationRequest(body: Value): MigrationRequest {
  if (!isMapping(body)) throw badRequest('a mapping is expected');
  const name = body.get('name');
  if (typeof name !== 'string' || name === '') throw badRequest('"name" is missing');
  return {
    name,
    database: textOr(body, 'datasource', 'default'),
    up: commandsIn(body, 'up'),
    down: commandsIn(body, 'down'),
    isSkipped: body.get('skip_execution') === true,
  };
}

/** A list of commands, those of a `bulk` among them one by one. @throws ApiError */
export function commandsIn(body: Mapping, key: string): Mapping[] {
  const list = body.get(key) ?? [];
  if (!isList(list)) throw badRequest(`"${key}" must be a list of commands`);
  return list.flatMap((command) => {
    if (!isMapping(command) || typeof command.get('type') !== 'string')
      throw badRequest(`"${key}" must be a list of commands`);
    return command.get('type') === 'bulk' ? mappingsIn(command.get('args')) : [command];
  });
}

export function textOr(body: Mapping, key: string, fallback: string): string {
  const value = body.get(key);
  return typeof value === 'string' && value !== '' ? value : fallback;
}

export function badRequest(message: string): ApiError {
  return new ApiError(500, 'request_parse_error', message);
}

/** The text of a migration's file: all SQL of the commands. */
export function sqlOf(commands: readonly Mapping[]): string {
  return joined(commands.filter(isSql).map(sqlIn));
}

export type CommandRun = { readonly api: 'metadata' | 'query'; readonly commands: readonly Mapping[] };

/**
 * The commands in their order, in requests that are carried out as a whole or not at all: changes of metadata that follow one another are one, and so are pieces of SQL,
 * which are one text then, as they are in the file.
 */
export function commandRuns(commands: readonly Mapping[]): readonly CommandRun[] {
  const runs: { api: CommandRun['api']; commands: Mapping[] }[] = [];
  for (const command of commands) {
    const api = isData(command) ? 'query' : 'metadata';
    const last = runs.at(-1);
    const before = last?.commands.at(-1);
    if (last?.api !== api || before === undefined) runs.push({ api, commands: [command] });
    else if (api === 'metadata') last.commands.push(command);
    else if (canJoin(before, command))
      last.commands = [withSql(command, joined([sqlIn(before), sqlIn(command)]))];
    else runs.push({ api, commands: [command] });
  }
  return runs;
}

/** A line end before the sign that ends a statement, because its last line may be a comment. */
function joined(texts: readonly string[]): string {
  return texts
    .map((text, at) => (at === texts.length - 1 || /;\s*$/.test(text) ? text : `${text}\n;`))
    .join('\n');
}

/** Both are SQL that is run in the same way. */
function canJoin(a: Mapping, b: Mapping): boolean {
  return isSql(a) && isSql(b) && isSame(withSql(a, ''), withSql(b, ''));
}

function sqlIn(command: Mapping): string {
  const args = command.get('args');
  return String(isMapping(args) ? (args.get('sql') ?? '') : '');
}

function withSql(command: Mapping, sql: string): Mapping {
  const args = command.get('args');
  return new Map([...command, ['args', new Map([...(isMapping(args) ? args : []), ['sql', sql]])]]);
}

/** `run_sql`, or that of another kind of database: `mssql_run_sql`. */
export function isSql(command: Mapping): boolean {
  return /(^|_)run_sql$/.test(String(command.get('type')));
}

/** Those that `/v2/query` takes. */
function isData(command: Mapping): boolean {
  return isSql(command) || /(^|_)(select|insert|update|delete|count)$/.test(String(command.get('type')));
}
