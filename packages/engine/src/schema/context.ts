/**
 * What every part of a role's schema needs: the model, the role's access to a table, names, and a memory so that each type is made once.
 */
import type { Model, NamePart, Naming, TrackedColumn, TrackedTable } from '../model/index.ts';
import { type ColumnGrant, frontendDelete, frontendInsert, frontendUpdate } from '../permissions/index.ts';
import { InvariantError } from '../support/index.ts';
import type { DeleteTarget, InsertTarget, SelectAccess, UpdateTarget } from './meanings.ts';
import type { TypeReference } from './types.ts';
import { type ValueType, valueTypeOf } from './value-types.ts';

/** Switches of the server that change the schema. Source: spec/graphql-api.md 18. */
export interface SchemaFeatures {
  /** False while nothing executes mutations: then there is no mutation root. */
  readonly mutations: boolean;
  /** `disable_postgres_arrays`: array columns are scalars `_text`, `_int4` … */
  readonly disablesPostgresArrays: boolean;
  readonly hidesUpdateManyFields: boolean;
  readonly hidesAggregationPredicates: boolean;
  readonly hidesStreamFields: boolean;
  /** True for a subgraph of an Apollo federation. */
  readonly apolloFederation?: boolean;
}

export interface RoleSchemaOptions {
  /** Whether this request may use permissions marked `backend_only`. */
  readonly usesBackendOnly: boolean;
  readonly features: SchemaFeatures;
  /** `graphql` unless it says otherwise. */
  readonly api?: SchemaApi;
  /** False when no two types have one name of which one belongs to a table; unless it says so, they are compared. */
  readonly mayTypesOfTablesMeet?: boolean;
  /** Types of tables that were not asked for lately are let go and made anew, when they are asked for again: to walk through all of them once. */
  readonly forgetsTables?: boolean;
}

/** Which of the schemas over the same tables: the ordinary one, or Relay's with nodes and connections. */
export type SchemaApi = 'graphql' | 'relay';

export interface VisibleColumn {
  /** GraphQL name. */
  readonly name: string;
  readonly column: TrackedColumn;
  readonly grant: ColumnGrant;
  readonly value: ValueType;
  /** The column's type in output: nullable when the role may find the cell hidden. */
  readonly output: TypeReference;
}

/** Tables whose types a context keeps that is only walked through. */
const mostLately = 4;

export class SchemaContext {
  readonly model: Model;
  readonly role: string;
  readonly usesBackendOnly: boolean;
  readonly features: SchemaFeatures;
  readonly api: SchemaApi;
  readonly #made = new Map<object, Map<string, unknown>>();
  readonly #shared = {};
  readonly #forgetsTables: boolean;
  #lately = new Map<object, Map<string, unknown>>();

  constructor(model: Model, role: string, options: RoleSchemaOptions) {
    this.model = model;
    this.role = role;
    this.usesBackendOnly = options.usesBackendOnly;
    this.features = options.features;
    this.api = options.api ?? 'graphql';
    this.#forgetsTables = options.forgetsTables ?? false;
  }

  /** What `make` gives, made once for the owner and the part's name. */
  once<T>(owner: object, part: string, make: () => T): T {
    let parts = this.#made.get(owner);
    if (parts === undefined) {
      parts = new Map();
      this.#made.set(owner, parts);
    }
    // Each part name stands for one kind of thing, so that what was stored under it is a T.
    if (parts.has(part)) return parts.get(part) as T;
    const made = make();
    parts.set(part, made);
    return made;
  }

  /** The same for what belongs to a table. */
  ofTable<T>(owner: object, part: string, make: () => T): T {
    if (!this.#forgetsTables) return this.once(owner, part, make);
    let parts = this.#lately.get(owner);
    if (parts === undefined) {
      // a cleared map would keep what it had from the collector of young objects
      if (this.#lately.size === mostLately) this.#lately = new Map();
      parts = new Map();
      this.#lately.set(owner, parts);
    }
    // as in `once`
    if (parts.has(part)) return parts.get(part) as T;
    const made = make();
    parts.set(part, made);
    return made;
  }

  /** The same for types that belong to no table, by their GraphQL name. */
  shared<T>(typeName: string, make: () => T): T {
    return this.once(this.#shared, typeName, make);
  }

  namingOf(table: TrackedTable): Naming {
    const source = this.model.sources.get(table.source);
    if (source === undefined) throw new InvariantError(`no source "${table.source}"`);
    return source.naming;
  }

  /** A type name of the table, e.g. `author_bool_exp`. The table must be usable in GraphQL. */
  typeName(table: TrackedTable, ...parts: readonly NamePart[]): string {
    if (table.graphqlName === null) throw new InvariantError(`table "${table.name}" has no GraphQL name`);
    return this.namingOf(table).typeName(table.graphqlName, ...parts);
  }

  /** Null: the role may not read the table, or the table is not usable in GraphQL. */
  selectAccess(table: TrackedTable): SelectAccess | null {
    if (table.graphqlName === null || table.columns.size === 0) return null;
    return this.once(table, 'access', () => {
      const rule = this.model.rulesOf(this.role, table).select;
      return rule === null ? null : { table, rule };
    });
  }

  insertTarget(table: TrackedTable): InsertTarget | null {
    if (table.graphqlName === null || !table.catalog.isInsertable) return null;
    return this.once(table, 'insert-target', () => {
      const rules = this.model.rulesOf(this.role, table);
      const rule = this.#usable(rules.insert, (all) => frontendInsert(table, all));
      if (rule === null) return null;
      const update = this.#usable(rules.update, (all) => frontendUpdate(table, all));
      return { table, rule, select: rules.select, update };
    });
  }

  updateTarget(table: TrackedTable): UpdateTarget | null {
    if (table.graphqlName === null || !table.catalog.isUpdatable) return null;
    const rules = this.model.rulesOf(this.role, table);
    const rule = this.#usable(rules.update, (all) => frontendUpdate(table, all));
    return rule === null ? null : { table, rule, select: rules.select };
  }

  deleteTarget(table: TrackedTable): DeleteTarget | null {
    if (table.graphqlName === null || !table.catalog.isDeletable) return null;
    const rules = this.model.rulesOf(this.role, table);
    const rule = this.#usable(rules.delete, frontendDelete);
    return rule === null ? null : { table, rule, select: rules.select };
  }

  /** The columns that the role may name, in table order; by name where all types are walked through, because they are told by name. */
  visibleColumns(access: SelectAccess): readonly VisibleColumn[] {
    return this.ofTable(access.table, 'columns', () => {
      const columns: VisibleColumn[] = [];
      for (const grant of access.rule.columns.values()) {
        const column = this.#visibleColumn(access, grant);
        if (column !== null) columns.push(column);
      }
      return this.#forgetsTables ? columns.sort((a, b) => (a.name < b.name ? -1 : 1)) : columns;
    });
  }

  /** Whether the role may name a column, one whose GraphQL name is as asked for. */
  hasVisibleColumn(access: SelectAccess, isFit: (name: string) => boolean = () => true): boolean {
    for (const grant of access.rule.columns.values()) {
      const name = access.table.columns.get(grant.column.name)?.graphqlName ?? null;
      if (name !== null && isFit(name) && this.#visibleColumn(access, grant) !== null) return true;
    }
    return false;
  }

  /** The primary key as the role sees it; null when there is none or a part of it is hidden. */
  visibleKey(access: SelectAccess): readonly VisibleColumn[] | null {
    const { table, rule } = access;
    const key = table.primaryKey?.flatMap(({ name }) => {
      const grant = rule.columns.get(name);
      return (grant === undefined ? null : this.#visibleColumn(access, grant)) ?? [];
    });
    return key !== undefined && key.length === table.primaryKey?.length ? key : null;
  }

  #visibleColumn({ table }: SelectAccess, grant: ColumnGrant): VisibleColumn | null {
    const column = table.columns.get(grant.column.name);
    if (column === undefined || column.graphqlName === null) return null;
    const value = valueTypeOf(this, this.namingOf(table), column.type, column.enumReference);
    if (value === null) return null;
    const isNullable = column.isNullable || grant.visibleWhen !== null;
    const output = isNullable ? value.nullable : value.required;
    return { name: column.graphqlName, column, grant, value, output };
  }

  /** Source: spec/permissions.md 1.5; the nested and upsert forms are closed too, as its section 13 (Q2, Q3) recommends. */
  #usable<R>(rule: R | null, frontend: (rule: R) => R | null): R | null {
    return rule === null || this.usesBackendOnly ? rule : frontend(rule);
  }
}
