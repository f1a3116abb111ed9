import type { Database } from '../database/index.ts';
import type { KnownServices, StoredIntrospection } from './remote-services.ts';

/**
 * The answers of remote schemas to the introspection query, kept beside the metadata, so that an engine can start while they do not answer.
 * The table is made when something is first kept; the reference engine does not look at it.
 */
export class IntrospectionStore {
  readonly #database: Database;
  /** What the table has, as far as we know. */
  readonly #kept: Map<string, StoredIntrospection>;
  #writing: Promise<void> = Promise.resolve();

  private constructor(database: Database, kept: Map<string, StoredIntrospection>) {
    this.#database = database;
    this.#kept = kept;
  }

  /** Rejects with the database's errors. */
  static async open(database: Database): Promise<IntrospectionStore> {
    const kept = new Map<string, StoredIntrospection>();
    if (await exists(database)) {
      const rows = await database.queryRows({
        text: `select name, key, answer from ${table}`,
        parameters: [],
      });
      for (const { name, key, answer } of rows) kept.set(name ?? '', { key: key ?? '', text: answer ?? '' });
    }
    return new IntrospectionStore(database, kept);
  }

  get stored(): ReadonlyMap<string, StoredIntrospection> {
    return this.#kept;
  }

  /** Brings the table up to date, after what was begun before. Rejects with the database's errors. */
  keep(services: KnownServices): Promise<void> {
    this.#writing = this.#writing.catch(() => {}).then(() => this.#write(services));
    return this.#writing;
  }

  async #write(services: KnownServices): Promise<void> {
    const changed = [...services.values()].filter(({ name, key, text, error }) => {
      const kept = this.#kept.get(name);
      return text !== null && error === null && (kept?.key !== key || kept.text !== text);
    });
    const gone = [...this.#kept.keys()].filter((name) => !services.has(name));
    if (changed.length + gone.length === 0) return;
    await this.#database.queryRows({ text: makeTable, parameters: [] });
    for (const { name, key, text } of changed) {
      await this.#database.queryRows({
        text: `insert into ${table} (name, key, answer) values ($1, $2, $3)
          on conflict (name) do update set key = excluded.key, answer = excluded.answer, kept_at = now()`,
        parameters: [name, key, text],
      });
      this.#kept.set(name, { key, text: text ?? '' });
    }
    for (const name of gone) {
      await this.#database.queryRows({ text: `delete from ${table} where name = $1`, parameters: [name] });
      this.#kept.delete(name);
    }
  }
}

const table = 'hdb_catalog.postern_remote_introspections';

const makeTable = `create table if not exists ${table} (
  name text primary key,
  -- a digest of the address and headers that were asked
  key text not null,
  answer text not null,
  kept_at timestamptz not null default now()
)`;

async function exists(database: Database): Promise<boolean> {
  const [row] = await database.queryRows({
    text: 'select to_regclass($1)::text as found',
    parameters: [table],
  });
  return row?.['found'] != null;
}
