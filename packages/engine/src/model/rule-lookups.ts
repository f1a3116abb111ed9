/**
 * What the rules of a table looked up in other tables of its source. As long as looking again would find the same, compiling them again would give the
 * same rules, whatever else has changed about those tables.
 */
import { type QualifiedName, qualifiedKey } from '../catalog/index.ts';
import type { ExpressionContext } from '../permissions/index.ts';
import type { Lookup, TableBuilder } from './source-builder.ts';
import type { TrackedTable } from './types.ts';

type Field = ReturnType<typeof fieldOf>;

interface Seen {
  /** Undefined: there was no such table. A table that is made anew with the same columns reads and is written as before. */
  readonly columns: TrackedTable['columns'] | undefined;
  /** Relationships and computed fields by name; undefined: there was none. */
  readonly fields: Map<string, Field>;
}

export class RuleLookups {
  readonly #own: string;
  readonly #seen = new Map<string, Seen>();

  /** @param table the one that the rules are of: they are compiled again whenever it is made anew */
  constructor(table: QualifiedName) {
    this.#own = qualifiedKey(table);
  }

  /** The tables for a compiler of rules, which are noted here as it looks at them. */
  over(tables: Lookup<TableBuilder>): ExpressionContext {
    return {
      findTable: (name) => {
        const key = qualifiedKey(name);
        const table = tables.get(key);
        if (key !== this.#own) this.#note(key, table);
        return table;
      },
      noteField: (table, name) => {
        const key = qualifiedKey(table);
        if (key === this.#own) return;
        const found = tables.get(key);
        this.#note(key, found).fields.set(name, fieldOf(found, name));
      },
    };
  }

  areCurrent(tables: Lookup<TableBuilder>): boolean {
    for (const [key, { columns, fields }] of this.#seen) {
      const table = tables.get(key);
      if (table?.columns !== columns) return false;
      for (const [name, field] of fields) if (fieldOf(table, name) !== field) return false;
    }
    return true;
  }

  #note(key: string, table: TableBuilder | undefined): Seen {
    let seen = this.#seen.get(key);
    if (seen === undefined) {
      seen = { columns: table?.columns, fields: new Map() };
      this.#seen.set(key, seen);
    }
    return seen;
  }
}

/** Relationships and computed fields share their names. */
function fieldOf(table: TrackedTable | undefined, name: string) {
  return table?.relationships.get(name) ?? table?.computedFields.get(name);
}
