import type { Name, Reads } from './types.ts';

type Database = Reads['database'];

/** Rows of these are only changed by transactions; what partitions and inherits counts as well. */
const steadyKinds = ['r', 'p', 'm'];
/** How long is believed what the database said about its tables and functions. */
const believedMs = 30_000;
/** So many answers about tables and functions are remembered. */
const maximumRemembered = 1000;

/**
 * Databases that call themselves PostgreSQL, with a snapshot that covers all of their data; others with its protocol keep theirs elsewhere, or do not
 * number their transactions.
 */
const supportText = `
  select version() ~ '^PostgreSQL [0-9.]+(devel|beta[0-9]+|rc[0-9]+)?[ ,(]' and version() !~* '-YB-|Greenplum|Redshift|CockroachDB|Materialize'
    and current_setting('server_version_num')::int >= 130000
    and not exists (select from pg_catalog.pg_extension where extname = 'citus') as answer`;

/**
 * Equal only if no transaction with writes has ended in between. A snapshot names the transactions whose writes are not in it: the end of any of them
 * makes it another one for ever. On a standby, which does not list them, how far it has replayed is the version.
 */
const versionText = `
  select case when pg_catalog.pg_is_in_recovery() then pg_catalog.pg_last_wal_replay_lsn()::text else pg_catalog.pg_current_snapshot()::text end
    || ' ' || pg_catalog.pg_postmaster_start_time()::text as answer`;

/**
 * Whether all relations hold nothing but rows of their own, of PostgreSQL's own kind and without row security (whose policies may call anything), and
 * all functions depend on nothing but their arguments.
 */
const steadyText = `
  with recursive relation(oid) as (
    select c.oid
    from json_array_elements($1::json) as named
    left join pg_catalog.pg_namespace n on n.nspname = named ->> 'schema' and n.nspname <> 'pg_catalog'
    left join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = named ->> 'name'
    union
    select i.inhrelid from relation join pg_catalog.pg_inherits i on i.inhparent = relation.oid
  ),
  called as (
    select bool_and(p.provolatile = 'i') as is_steady
    from json_array_elements($2::json) as named
    left join pg_catalog.pg_namespace n on n.nspname = named ->> 'schema'
    left join pg_catalog.pg_proc p on p.pronamespace = n.oid and p.proname = named ->> 'name'
    group by named ->> 'schema', named ->> 'name'
  )
  select not exists (
      select
      from relation
      left join pg_catalog.pg_class c on c.oid = relation.oid
      left join pg_catalog.pg_am a on a.oid = c.relam
      -- a relation that is not there is unknown, and so is a table of another access method; 'p' has none
      where (c.relkind = any ($3::"char"[]) and not c.relrowsecurity and (c.relkind = 'p' or a.amname = 'heap')) is not true
    )
    and not exists (select from called where is_steady is not true) as answer`;

/** Tells whether anything can have changed in a database, by one cheap statement for all who ask at about the same time. */
export class ChangeWatch {
  readonly #database: Database;
  #isSupported: Promise<boolean | null> | null = null;
  #version: Promise<string | null> = Promise.resolve(null);
  #askedAt = Number.NEGATIVE_INFINITY;
  readonly #steady = new Map<string, { readonly answer: Promise<string | null>; readonly at: number }>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** The version of all data, no older than `maxAgeMs`; null where it cannot be had. Never rejects. */
  async version(maxAgeMs: number): Promise<string | null> {
    this.#isSupported ??= this.#ask(supportText).then((answer) => (answer === null ? null : answer === 't'));
    const isSupported = await this.#isSupported;
    // it did not answer: another time
    if (isSupported === null) this.#isSupported = null;
    if (isSupported !== true) return null;
    const now = performance.now();
    if (now - this.#askedAt > maxAgeMs) {
      this.#askedAt = now;
      this.#version = this.#ask(versionText);
    }
    return this.#version;
  }

  /** Whether what is read changes only with the version. Never rejects. */
  async isSteady({ relations, functions }: Reads): Promise<boolean> {
    const key = JSON.stringify([relations.map(nameOf), functions.map(nameOf)]);
    const now = performance.now();
    let known = this.#steady.get(key);
    if (known === undefined || now - known.at > believedMs) {
      if (this.#steady.size >= maximumRemembered) this.#steady.clear();
      const parameters = [jsonOf(relations), jsonOf(functions), `{${steadyKinds.join(',')}}`];
      known = { answer: this.#ask(steadyText, parameters), at: now };
      this.#steady.set(key, known);
    }
    return (await known.answer) === 't';
  }

  /** Null when there is no answer. */
  async #ask(text: string, parameters: readonly string[] = []): Promise<string | null> {
    try {
      const [row] = await this.#database.queryRows({ text, parameters });
      return row?.['answer'] ?? null;
    } catch {
      // the poll that follows meets the same fault, and tells it
      return null;
    }
  }
}

function nameOf({ schema, name }: Name): readonly string[] {
  return [schema, name];
}

function jsonOf(names: readonly Name[]): string {
  return JSON.stringify(names.map(({ schema, name }) => ({ schema, name })));
}
