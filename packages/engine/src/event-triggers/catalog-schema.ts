/**
 * What a source's `hdb_catalog` holds for event triggers, as the reference engine has it, so that a project that moves keeps its events. Everything is made
 * only where it is missing; what an older catalogue lacks is added. Times of events have no zone there, and that of the lock has one. Source: spec/events.md A3.
 */
export const catalogSchema = `
create schema if not exists hdb_catalog;

do $$ begin
  if pg_catalog.to_regprocedure('hdb_catalog.gen_hasura_uuid()') is null then
    create function hdb_catalog.gen_hasura_uuid() returns uuid as 'select gen_random_uuid()' language sql;
  end if;
end $$;

create table if not exists hdb_catalog.hdb_source_catalog_version (
  version text not null,
  upgraded_on timestamptz not null
);
create unique index if not exists hdb_source_catalog_version_one_row
  on hdb_catalog.hdb_source_catalog_version ((version is not null));

create table if not exists hdb_catalog.event_log (
  id text primary key default hdb_catalog.gen_hasura_uuid(),
  schema_name text not null,
  table_name text not null,
  trigger_name text not null,
  payload jsonb not null,
  delivered boolean not null default false,
  error boolean not null default false,
  tries integer not null default 0,
  created_at timestamp default now(),
  locked timestamptz,
  next_retry_at timestamp,
  archived boolean not null default false
);
-- catalogues of the first versions have a boolean lock
do $$ begin
  if exists (select from pg_catalog.pg_attribute where attrelid = 'hdb_catalog.event_log'::regclass
             and attname = 'locked' and atttypid = 'boolean'::regtype) then
    alter table hdb_catalog.event_log alter column locked drop default, alter column locked drop not null,
      alter column locked type timestamptz using case when locked then now() end;
  end if;
end $$;
alter table hdb_catalog.event_log add column if not exists archived boolean not null default false;
create index if not exists event_log_trigger_name_idx on hdb_catalog.event_log (trigger_name);
create index if not exists event_log_fetch_events
  on hdb_catalog.event_log (locked nulls first, next_retry_at nulls first, created_at)
  where delivered = 'f' and error = 'f' and archived = 'f';

create table if not exists hdb_catalog.event_invocation_logs (
  id text primary key default hdb_catalog.gen_hasura_uuid(),
  trigger_name text,
  event_id text,
  status integer,
  request json,
  response json,
  created_at timestamp default now()
);
alter table hdb_catalog.event_invocation_logs add column if not exists trigger_name text;
-- older catalogues hold invocations to their events, which clean-ups by hand would have to respect
alter table hdb_catalog.event_invocation_logs drop constraint if exists event_invocation_logs_event_id_fkey;
alter table hdb_catalog.event_invocation_logs alter column status drop not null;
create index if not exists event_invocation_logs_event_id_idx on hdb_catalog.event_invocation_logs (event_id);

create table if not exists hdb_catalog.hdb_event_log_cleanups (
  id text primary key default hdb_catalog.gen_hasura_uuid(),
  trigger_name text not null,
  scheduled_at timestamp not null,
  deleted_event_logs integer,
  deleted_event_invocation_logs integer,
  status text not null check (status in ('scheduled', 'paused', 'completed', 'dead')),
  unique (trigger_name, scheduled_at)
);

create or replace function hdb_catalog.insert_event_log(
  schema_name text, table_name text, trigger_name text, op text, row_data json
) returns text language plpgsql as $$
#variable_conflict use_column
declare
  made text;
begin
  insert into hdb_catalog.event_log (schema_name, table_name, trigger_name, payload)
  values (
    insert_event_log.schema_name, insert_event_log.table_name, insert_event_log.trigger_name,
    pg_catalog.jsonb_build_object(
      'op', insert_event_log.op,
      'data', insert_event_log.row_data,
      -- an empty setting is one that another transaction has set and ended
      'session_variables', nullif(pg_catalog.current_setting('hasura.user', true), '')::jsonb,
      'trace_context', nullif(pg_catalog.current_setting('hasura.tracecontext', true), '')::jsonb
    )
  )
  returning id into made;
  return made;
end $$;

insert into hdb_catalog.hdb_source_catalog_version (version, upgraded_on) values ('3', now())
on conflict ((version is not null)) do update set version = '3', upgraded_on = now();
`;

/** Removes all of it; the schema itself, too, where the metadata is not kept in it. */
export const dropCatalog = `
drop table if exists hdb_catalog.hdb_source_catalog_version, hdb_catalog.event_log,
  hdb_catalog.event_invocation_logs, hdb_catalog.hdb_event_log_cleanups;
drop function if exists hdb_catalog.insert_event_log(text, text, text, text, json);
do $$ begin
  if pg_catalog.to_regclass('hdb_catalog.hdb_metadata') is null and pg_catalog.to_regclass('hdb_catalog.hdb_version') is null then
    drop schema if exists hdb_catalog cascade;
  end if;
end $$;
`;
