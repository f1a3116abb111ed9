import type { Database, Row, Query } from '../database/index.ts';
import { translateDatabaseError } from '../execute/index.ts';
import {
  InvariantError,
  isJsonObject,
  type Json,
  type JsonObject,
  parseJson,
  stringifyJson,
} from '../support/index.ts';

/** A call that was asked for. */
export interface LoggedCall {
  readonly id: string;
  readonly action: string;
  readonly input: JsonObject;
  /** Names and values in turn. */
  readonly clientHeaders: readonly string[];
  readonly sessionVariables: ReadonlyMap<string, string>;
}

/** What became of a call. */
export interface LoggedResult {
  /** As JSON has them. */
  readonly createdAt: string;
  readonly errors: Json;
  /** Null until the handler has answered, and when that is its answer. */
  readonly response: Json;
  /** Nothing more will become of it. */
  readonly isFinal: boolean;
}

/** The calls of asynchronous actions, in `hdb_catalog.hdb_action_log` of the metadata database. Source: spec/actions.md 9. */
export class ActionLog {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Stores the call and gives its id. Rejects with a RequestError. */
  async add({ action, input, clientHeaders, sessionVariables }: Omit<LoggedCall, 'id'>): Promise<string> {
    const query = {
      text: `insert into hdb_catalog.hdb_action_log (action_name, input_payload, request_headers, session_variables, status)
values ($1, $2::jsonb, $3::jsonb, $4::jsonb, 'created') returning id`,
      parameters: [
        action,
        stringifyJson(input),
        stringifyJson(headersJson(clientHeaders)),
        sessionText(sessionVariables),
      ],
    };
    const [row] = await this.#ask(query);
    if (row?.['id'] == null) throw new InvariantError('an insert has returned nothing');
    return row['id'];
  }

  /** Takes calls that nobody else has taken; oldest first. */
  async claim(actions: readonly string[], limit: number): Promise<readonly LoggedCall[]> {
    const rows = await this.#database.queryRows({
      text: `update hdb_catalog.hdb_action_log set status = 'processing'
where id in (
  select id from hdb_catalog.hdb_action_log
  where status = 'created' and action_name = any (array(select jsonb_array_elements_text($1::jsonb)))
  order by created_at limit $2::int for update skip locked
)
returning id, action_name, input_payload, request_headers, session_variables`,
      parameters: [JSON.stringify(actions), String(limit)],
    });
    return rows.map(readCall);
  }

  async complete(id: string, response: Json): Promise<void> {
    await this.#finish(id, 'completed', 'response_payload', response);
  }

  async fail(id: string, errors: Json): Promise<void> {
    await this.#finish(id, 'error', 'errors', errors);
  }

  /** Null for an id of no call of the action, and for one of another session. @param session null: whose it is does not matter */
  async find(
    id: string,
    action: string,
    session: ReadonlyMap<string, string> | null,
  ): Promise<LoggedResult | null> {
    const [row] = await this.#ask({
      text: `select to_json(created_at) as created_at, errors, response_payload,
  errors is not null or response_payload is not null as is_final
from hdb_catalog.hdb_action_log
where id = $1::uuid and action_name = $2 and ($3::jsonb is null or session_variables = $3::jsonb)`,
      parameters: [id, action, session === null ? null : sessionText(session)],
    });
    if (row === undefined) return null;
    return {
      createdAt: String(jsonOf(row, 'created_at')),
      errors: jsonOf(row, 'errors'),
      response: jsonOf(row, 'response_payload'),
      isFinal: row['is_final'] === 't',
    };
  }

  /** Removes all that is known of an action's calls. */
  async clear(action: string): Promise<void> {
    await this.#database.queryRows({
      text: 'delete from hdb_catalog.hdb_action_log where action_name = $1',
      parameters: [action],
    });
  }

  async #finish(
    id: string,
    status: string,
    column: 'response_payload' | 'errors',
    value: Json,
  ): Promise<void> {
    await this.#database.queryRows({
      text: `update hdb_catalog.hdb_action_log set ${column} = $1::jsonb, status = $2, response_received_at = now()
where id = $3::uuid and status = 'processing'`,
      parameters: [stringifyJson(value), status, id],
    });
  }

  async #ask(query: Query): Promise<readonly Row[]> {
    try {
      return await this.#database.queryRows(query);
    } catch (error) {
      throw translateDatabaseError(error, query);
    }
  }
}

/** The secret is not kept: it is never forwarded. */
const secrets = new Set(['x-hasura-admin-secret', 'x-hasura-access-key']);

/** As the reference engine keeps them, which may go on with our calls: an object. A header that came several times is one of several values. */
function headersJson(raw: readonly string[]): JsonObject {
  const headers = new Map<string, { readonly name: string; readonly value: string }>();
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const [name = '', value = ''] = raw.slice(index, index + 2);
    const key = name.toLowerCase();
    const known = headers.get(key);
    const separator = key === 'cookie' ? '; ' : ', ';
    if (known !== undefined) headers.set(key, { ...known, value: known.value + separator + value });
    else if (!secrets.has(key)) headers.set(key, { name, value });
  }
  return Object.fromEntries([...headers.values()].map(({ name, value }) => [name, value]));
}

function sessionText(variables: ReadonlyMap<string, string>): string {
  return JSON.stringify(Object.fromEntries(variables));
}

function readCall(row: Row): LoggedCall {
  const input = jsonOf(row, 'input_payload');
  const session = jsonOf(row, 'session_variables');
  const headers = jsonOf(row, 'request_headers');
  return {
    id: row['id'] ?? '',
    action: row['action_name'] ?? '',
    input: isJsonObject(input) ? input : {},
    clientHeaders: rawHeaders(headers),
    sessionVariables: new Map(
      Object.entries(isJsonObject(session) ? session : {}).map(([name, value]) => [name, String(value)]),
    ),
  };
}

/** Also pairs, as earlier versions of this engine have stored them. */
function rawHeaders(headers: Json): readonly string[] {
  if (isJsonObject(headers)) return Object.entries(headers).flat().map(String);
  const pairs: readonly Json[] = Array.isArray(headers) ? headers : [];
  return pairs.flatMap((pair) => (Array.isArray(pair) && pair.length === 2 ? pair.map(String) : []));
}

function jsonOf(row: Row, column: string): Json {
  const text = row[column];
  return text == null ? null : parseJson(text);
}
