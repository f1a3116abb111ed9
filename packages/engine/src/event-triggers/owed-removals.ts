import type { Database } from '../database/index.ts';

/** What triggers that are no more have left in a source's database. */
export interface Leftovers {
  readonly functions: readonly string[];
  /** Those whose events are to be put away. */
  readonly triggers: readonly string[];
}

/**
 * What could not be removed when the metadata that goes without it was stored, kept beside the metadata until it is done. The table is made when something
 * is first owed; the reference engine does not look at it.
 */
export class OwedRemovals {
  readonly #database: Database;

  /** @param database that of the metadata */
  constructor(database: Database) {
    this.#database = database;
  }

  /** Rejects with the database's error. */
  async add(source: string, { functions, triggers }: Leftovers): Promise<void> {
    const rows = [
      ...functions.map((name) => ['function', name]),
      ...triggers.map((name) => ['trigger', name]),
    ];
    await this.#database.script(createTable);
    await this.#database.queryRows({
      text: `insert into ${table} (source, kind, name)
select $1, item ->> 0, item ->> 1 from jsonb_array_elements($2::jsonb) as item on conflict do nothing`,
      parameters: [source, JSON.stringify(rows)],
    });
  }

  /**
   * These are to be there again. Waits for a removal that has begun, so that what is made afterwards stays. Rejects with the database's error.
   */
  async forget(source: string, { functions, triggers }: Leftovers): Promise<void> {
    if (!(await this.#isThere())) return;
    await this.#database.queryRows({
      text: `delete from ${table} where source = $1 and (
  kind = 'function' and name = any (array(select jsonb_array_elements_text($2::jsonb)))
  or kind = 'trigger' and name = any (array(select jsonb_array_elements_text($3::jsonb))))`,
      parameters: [source, JSON.stringify(functions), JSON.stringify(triggers)],
    });
  }

  /** Rejects with the database's error. */
  async forgetSource(source: string): Promise<void> {
    if (!(await this.#isThere())) return;
    await this.#database.queryRows({
      text: `delete from ${table} where source = $1`,
      parameters: [source],
    });
  }

  /** The sources for which something is owed. Rejects with the database's error. */
  async sources(): Promise<readonly string[]> {
    if (!(await this.#isThere())) return [];
    const rows = await this.#database.queryRows({
      text: `select distinct source from ${table}`,
      parameters: [],
    });
    return rows.map(({ source }) => source ?? '');
  }

  /** Lets what is owed for a source be removed; it stays owed when that fails, with the same error. */
  async settle(source: string, remove: (leftovers: Leftovers) => Promise<void>): Promise<void> {
    await this.#database.transaction({ isolation: 'read-committed' }, async (connection) => {
      const rows = await connection.queryRows({
        text: `delete from ${table} where source = $1 returning kind, name`,
        parameters: [source],
      });
      const named = (kind: string) =>
        rows.flatMap((row) => (row['kind'] === kind ? [row['name'] ?? ''] : []));
      await remove({ functions: named('function'), triggers: named('trigger') });
    });
  }

  async #isThere(): Promise<boolean> {
    const [row] = await this.#database.queryRows({
      text: `select to_regclass('${table}') is not null as there`,
      parameters: [],
    });
    return row?.['there'] === 't';
  }
}

const table = 'hdb_catalog.postern_owed_removals';
const createTable = `create table if not exists ${table} (
  source text not null, kind text not null, name text not null, primary key (source, kind, name)
)`;
