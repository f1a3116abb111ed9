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
  readonly key: string;
  /** Undefined: there was no such table. A table that is made anew with the same columns reads and is written as before. */
  readonly columns: TrackedTable['columns'] | undefined;
  /** Relationships and computed fields by name; undefined: there was none. */
  fields: Map<string, Field> | null;
}

export class RuleLookups {
  readonly #own: QualifiedName;
  /** Few, for each of very many tables. */
  readonly #seen: Seen[] = [];

  /** @param table the one that the rules are of: they are compiled again whenever it is made anew */
  constructor(table: QualifiedName) {
    this.#own = table;
  }

  /** The tables for a compiler of rules, which are noted here as it looks at them. */
  over(tables: Lookup<TableBuilder>): ExpressionContext {
    return {
      findTable: (name) => {
        const key = qualifiedKey(name);
        const table = tables.get(key);
        if (!this.#isOwn(name)) this.#note(key, table);
        return table;
      },
      noteField: (table, name) => {
        if (this.#isOwn(table)) return;
        const key = qualifiedKey(table);
        const found = tables.get(key);
        const seen = this.#note(key, found);
        seen.fields ??= new Map();
        seen.fields.set(name, fieldOf(found, name));
      },
    };
  }

  /** Of the tables that were looked at, by `qualifiedKey`. */
  keys(): readonly string[] {
    return this.#seen.map(({ key }) => key);
  }

  areCurrent(tables: Lookup<TableBuilder>): boolean {
    return this.#seen.every(({ key, columns, fields }) => {
      const table = tables.get(key);
      if (table?.columns !== columns) return false;
      for (const [name, field] of fields ?? []) if (fieldOf(table, name) !== field) return false;
      return true;
    });
  }

  #isOwn({ schema, name }: QualifiedName): boolean {
    return schema === this.#own.schema && name === this.#own.name;
  }

  #note(key: string, table: TableBuilder | undefined): Seen {
    let seen = this.#seen.find((each) => each.key === key);
    if (seen === undefined) {
      seen = { key, columns: table?.columns, fields: null };
      this.#seen.push(seen);
    }
    return seen;
  }
}

/** Relationships and computed fields share their names. */
function fieldOf(table: TrackedTable | undefined, name: string) {
  return table?.relationships.get(name) ?? table?.computedFields.get(name);
}
