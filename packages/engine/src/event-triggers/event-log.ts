import type { Database, Query, Row } from '../database/index.ts';
import type { EventPage, EventRequest } from '../metadata/index.ts';
import {
  InvariantError,
  type Json,
  parseJson,
  type Path,
  RequestError,
  stringifyJson,
  unreachable,
} from '../support/index.ts';
import { readTraceParent } from '../webhooks/index.ts';
import type { EventTriggers } from './types.ts';

export interface EventLogContext {
  readonly database: Database;
  /** All of the source. */
  readonly triggers: EventTriggers;
  /** Who asks; becomes part of an event that is made by hand. */
  readonly sessionVariables: ReadonlyMap<string, string>;
  /** Names and values in turn; the trace that they belong to goes on with an event that is made by hand. */
  readonly clientHeaders: readonly string[];
  readonly path: Path;
}

const success: Json = { message: 'success' };

/**
 * Runs a command for the events of a source. Source: spec/events.md A2.2.
 * Rejects with a RequestError, or the database's error.
 */
export async function runEventRequest(request: EventRequest, context: EventLogContext): Promise<Json> {
  const { database, path } = context;
  switch (request.kind) {
    case 'redeliver':
      return redeliver(request.eventId, context);
    case 'invoke':
      return invoke(request.trigger, request.payload, context);
    case 'events':
      requireTrigger(request.trigger, context);
      return readEvents(database, request);
    case 'invocations':
      requireTrigger(request.trigger, context);
      return readInvocations(database, 'trigger_name', request.trigger, request.page);
    case 'event': {
      if (!(await hasEvents(database))) throw noEvent(request.eventId, path);
      const [event] = await readJson(database, {
        text: `select ${eventJson} from hdb_catalog.event_log e where e.id = $1`,
        parameters: [request.eventId],
      });
      if (event === undefined) throw noEvent(request.eventId, path);
      return {
        event,
        invocations: await readInvocations(database, 'event_id', request.eventId, request.page),
      };
    }
    case 'clean-up':
      return cleanUpNow(request, context);
    default:
      return unreachable(request);
  }
}

/** Source: spec/events.md A2.2. */
export function requireTrigger(
  name: string,
  { triggers, path }: Pick<EventLogContext, 'triggers' | 'path'>,
): NonNullable<ReturnType<EventTriggers['get']>> {
  const trigger = triggers.get(name);
  if (trigger !== undefined) return trigger;
  throw new RequestError('not-exists', path, `event trigger "${name}" does not exist`);
}

async function redeliver(id: string, { database, path }: EventLogContext): Promise<Json> {
  const [row] = !(await hasEvents(database))
    ? []
    : await database.queryRows({
        text: `with found as (
  select id, locked is not null and locked >= now() - interval '30 minute' as is_busy
  from hdb_catalog.event_log where id = $1 for update
), changed as (
  update hdb_catalog.event_log l set delivered = 'f', error = 'f', tries = 0, next_retry_at = null, locked = null
  from found f where l.id = f.id and not f.is_busy
)
select is_busy from found`,
        parameters: [id],
      });
  if (row === undefined) throw new RequestError('not-exists', path, 'event not found');
  if (row['is_busy'] === 't') throw new RequestError('busy', path, 'event is already being processed');
  return success;
}

async function invoke(name: string, payload: Json, context: EventLogContext): Promise<Json> {
  const { database, sessionVariables, clientHeaders, path } = context;
  const { metadata, table } = requireTrigger(name, context);
  if (!metadata.definition.enable_manual) {
    throw new RequestError('not-supported', path, 'manual mode is not enabled for event trigger');
  }
  const data = stringifyJson({ old: null, new: payload });
  const [, made] = await database.batch([
    {
      text: `select set_config('hasura.user', $1, true), set_config('hasura.tracecontext', $2, true)`,
      parameters: [JSON.stringify(Object.fromEntries(sessionVariables)), traceContext(clientHeaders)],
    },
    {
      text: `select hdb_catalog.insert_event_log($1, $2, $3, 'MANUAL', $4::json)`,
      parameters: [table.schema, table.name, name, data],
    },
  ]);
  const id = made?.[0];
  if (id == null) throw new InvariantError('an event was stored without an id');
  return { event_id: Buffer.concat(id).toString('utf8') };
}

/** Empty: none. */
function traceContext(clientHeaders: readonly string[]): string {
  const trace = readTraceParent(clientHeaders, true);
  if (trace === null) return '';
  const { traceId, spanId, isSampled } = trace;
  return JSON.stringify({ trace_id: traceId, span_id: spanId, sampling_state: isSampled ? '1' : '0' });
}

const eventJson = `json_build_object('id', e.id, 'schema_name', e.schema_name, 'table_name', e.table_name, 'trigger_name', e.trigger_name,
  'payload', e.payload, 'delivered', e.delivered, 'error', e.error, 'tries', e.tries, 'created_at', e.created_at, 'locked', e.locked,
  'next_retry_at', e.next_retry_at, 'archived', e.archived) as value`;

const conditions = {
  all: 'true',
  pending: 'not e.delivered and not e.error and not e.archived',
  processed: '(e.delivered or e.error)',
};

async function readEvents(
  database: Database,
  { trigger, status, page }: Extract<EventRequest, { readonly kind: 'events' }>,
): Promise<readonly Json[]> {
  if (!(await hasEvents(database))) return [];
  return readJson(database, {
    text: `select ${eventJson} from hdb_catalog.event_log e where e.trigger_name = $1 and ${conditions[status ?? 'all']}
order by e.created_at desc, e.id limit $2::bigint offset $3::bigint`,
    parameters: [trigger, String(page.limit), String(page.offset)],
  });
}

async function readInvocations(
  database: Database,
  by: 'trigger_name' | 'event_id',
  value: string,
  { limit, offset }: EventPage,
): Promise<readonly Json[]> {
  if (!(await hasEvents(database))) return [];
  return readJson(database, {
    text: `select json_build_object('id', i.id, 'trigger_name', i.trigger_name, 'event_id', i.event_id, 'http_status', i.status,
  'request', i.request, 'response', i.response, 'created_at', i.created_at) as value
from hdb_catalog.event_invocation_logs i where i.${by} = $1
order by i.created_at desc, i.id limit $2::bigint offset $3::bigint`,
    parameters: [value, String(limit), String(offset)],
  });
}

async function cleanUpNow(
  request: Extract<EventRequest, { readonly kind: 'clean-up' }>,
  context: EventLogContext,
): Promise<Json> {
  requireTrigger(request.trigger, context);
  const { events, invocations } = await cleanUp(request, context.database);
  return { message: 'success', deleted_event_logs: events, deleted_event_invocation_logs: invocations };
}

/** Batch after batch in transactions of their own, until nothing is left or the time is over. Source: spec/events.md A6. */
export async function cleanUp(
  {
    trigger,
    batchSize,
    olderThanHours,
    timeoutSeconds,
    cleansInvocations,
  }: Omit<Extract<EventRequest, { readonly kind: 'clean-up' }>, 'kind' | 'source'>,
  database: Database,
): Promise<{ readonly events: number; readonly invocations: number }> {
  const deadline = performance.now() + timeoutSeconds * 1000;
  let [events, invocations] = [0, 0];
  while (performance.now() < deadline && (await hasEvents(database))) {
    const [row] = await database.queryRows(
      {
        text: `with dead as (
  select id from hdb_catalog.event_log
  where trigger_name = $1 and (delivered or error) and locked is null
    and created_at < now() - make_interval(hours => $2::int)
  limit $3::int for update skip locked
), invocations as (
  delete from hdb_catalog.event_invocation_logs i using dead where $4::boolean and i.event_id = dead.id returning 1
), events as (
  delete from hdb_catalog.event_log e using dead where e.id = dead.id returning 1
)
select (select count(*) from events) as events, (select count(*) from invocations) as invocations`,
        parameters: [trigger, String(olderThanHours), String(batchSize), String(cleansInvocations)],
      },
      { signal: AbortSignal.timeout(Math.max(1, Math.ceil(deadline - performance.now()))) },
    );
    const removed = Number(row?.['events'] ?? 0);
    events += removed;
    invocations += Number(row?.['invocations'] ?? 0);
    if (removed < batchSize) break;
  }
  return { events, invocations };
}

function noEvent(id: string, path: Path): RequestError {
  return new RequestError('not-exists', path, `event id ${id} does not exist`);
}

/** A source that never had a trigger has no tables for events. */
async function hasEvents(database: Database): Promise<boolean> {
  const [row] = await database.queryRows({
    text: `select pg_catalog.to_regclass('hdb_catalog.event_log') is not null as there`,
    parameters: [],
  });
  return row?.['there'] === 't';
}

async function readJson(database: Database, query: Query): Promise<readonly Json[]> {
  const rows = await database.queryRows(query);
  return rows.map((row: Row) => parseJson(row['value'] ?? 'null'));
}
