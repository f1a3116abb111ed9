import { type QualifiedName, qualifiedKey } from '../catalog/index.ts';
import type { Source, TrackedRelationship, TrackedTable } from '../model/index.ts';
import {
  type BooleanExpression,
  type Column,
  denyColumn,
  describeName,
  type ExpressionAccess,
  frontendDelete,
  frontendInsert,
  frontendUpdate,
  parseExpression,
  roleAccess,
  type SelectRule,
  type Table,
  type TableRules,
} from '../permissions/index.ts';
import { type JsonObject, type Path, RequestError } from '../support/index.ts';
import type { DataContext, DataOptions } from './types.ts';

type Operation = keyof TableRules;

/** The tables of one source as the role of the session may use them. Every rule that a plan needs comes from here. */
export class TableReader {
  readonly #context: DataContext;
  readonly #source: Source;
  readonly #access: ExpressionAccess;

  /** @throws RequestError when there is no such source */
  constructor(context: DataContext, sourceName: string) {
    const source = context.model.sources.get(sourceName);
    if (source === undefined) {
      throw new RequestError('not-exists', context.path, `source with name "${sourceName}" does not exist`);
    }
    this.#context = context;
    this.#source = source;
    this.#access = roleAccess(context.session.role, (table) => this.#rulesOf(table).select);
  }

  get role(): string {
    return this.#context.session.role;
  }

  get path(): Path {
    return this.#context.path;
  }

  get options(): DataOptions {
    return this.#context.options;
  }

  /** @param path of the error: selects and updates tell the argument, the other operations do not */
  table(name: QualifiedName, path: Path = this.path): TrackedTable {
    const table = this.#source.tables.get(qualifiedKey(name));
    if (table !== undefined) return table;
    throw new RequestError('not-exists', path, `table "${describeName(name)}" does not exist`);
  }

  /** Where a relationship of a table of this source leads to. */
  related({ target }: TrackedRelationship): TrackedTable {
    return this.#context.model.tableAt(target);
  }

  rules(table: TrackedTable): TableRules {
    return this.#rulesOf(table);
  }

  /** @throws RequestError `permission-denied`; `hint` follows the message */
  require<O extends Operation>(table: TrackedTable, operation: O, hint = ''): NonNullable<TableRules[O]> {
    const rule = this.#rulesOf(table)[operation];
    if (rule !== null) return rule;
    throw new RequestError(
      'permission-denied',
      this.path,
      `${operation} on "${describeName(table)}" for role "${this.role}" is not allowed. ${hint}`,
    );
  }

  /** A condition on rows of the table: it names only what the role may select, and related rows only as far as the role sees them. */
  where(json: JsonObject, table: TrackedTable, path: Path): BooleanExpression {
    const findTable = (name: QualifiedName) => this.#source.tables.get(qualifiedKey(name));
    return parseExpression(json, table, { findTable }, this.#access, path);
  }

  #rulesOf(table: Table): TableRules {
    const tracked = this.#source.tables.get(qualifiedKey(table));
    if (tracked === undefined) return noRules;
    const rules = this.#context.model.rulesOf(this.role, tracked);
    if (this.#context.session.usesBackendOnly || this.role === 'admin') return rules;
    return {
      select: rules.select,
      insert: rules.insert && frontendInsert(table, rules.insert),
      update: rules.update && frontendUpdate(table, rules.update),
      delete: rules.delete && frontendDelete(rules.delete),
    };
  }
}

const noRules: TableRules = { select: null, insert: null, update: null, delete: null };

/** @throws RequestError unless the name is one of a column; `hint` says why nothing else will do */
export function columnNamed(table: TrackedTable, name: string, hint: string, path: Path): Column {
  const column = table.columns.get(name);
  if (column !== undefined) return column;
  if (table.relationships.has(name) || table.computedFields.has(name)) {
    const kind = table.relationships.has(name) ? 'relationship' : 'computed field';
    throw new RequestError(
      'unexpected-payload',
      path,
      `expecting a postgres column; but, "${name}" is a ${kind}; ${hint}`,
    );
  }
  throw new RequestError('not-exists', path, `column "${name}" does not exist`);
}

/** The grants of columns that are read. @throws RequestError `permission-denied` for one that the role may not select */
export function grantOf(rule: SelectRule, name: string, path: Path) {
  const grant = rule.columns.get(name);
  if (grant !== undefined) return grant;
  throw new RequestError('permission-denied', path, denyColumn(rule.role, 'select', name));
}
