/**
 * From the declared permissions of one table to its rules. A permission that does not fit the table throws, so that its operation is absent
 * for the role; it never becomes a weaker rule.
 * Source: spec/permissions.md 2, 9.4.
 */
import {
  type ColumnSelection,
  type DeletePermission,
  type InsertPermission,
  isRuleList,
  type PermissionRules,
  rulesOfPermission,
  type SelectPermission,
  type UpdatePermission,
} from '../metadata/index.ts';
import { type JsonObject, Path, RequestError, stringifyJson } from '../support/index.ts';
import { choosesByRow, uniteDeletes, uniteInserts, uniteUpdates } from './alternatives.ts';
import { definitionAccess } from './expression-access.ts';
import { always } from './expressions.ts';
import { makeRows, ownRows } from './guard.ts';
import { type ExpressionContext, parseExpression } from './parse-expression.ts';
import { parseValue } from './parse-value.ts';
import { describeName } from './qualified-name.ts';
import { allowsAll, queryRootFields, subscriptionRootFields } from './root-fields.ts';
import type {
  BooleanExpression,
  Column,
  ColumnGrant,
  ComputedFieldGrant,
  DeleteRule,
  GuardedRows,
  InsertRule,
  SelectRule,
  Table,
  TableRules,
  UpdateRule,
  Value,
} from './types.ts';
import { simplifySelect, uniteSelects } from './unite-selects.ts';
import { readInputValidation } from './validate-input.ts';

/**
 * Compiles the permissions of one table. Equal column lists and equal expressions of its roles become one object: a table with many roles
 * costs little more than a table with one.
 */
export class RuleCompiler {
  readonly #table: Table;
  readonly #context: ExpressionContext;
  readonly #expressions = new Map<string, BooleanExpression>();
  readonly #rows = new Map<BooleanExpression, GuardedRows>();
  readonly #grants = new Map<string, ReadonlyMap<string, ColumnGrant>>();
  readonly #columns = new Map<string, ReadonlyMap<string, Column>>();
  readonly #computedFields = new Map<string, ReadonlyMap<string, ComputedFieldGrant>>();

  constructor(table: Table, context: ExpressionContext) {
    this.#table = table;
    this.#context = context;
  }

  /** Every column, every row, every root field. */
  admin(): TableRules {
    const { columns, computedFields } = this.#table;
    const scalars = [...computedFields.values()].filter((field) => field.returns.kind === 'scalar');
    return {
      select: {
        role: 'admin',
        rows: this.#rowsWhere(always),
        columns: this.#grantsFor([...columns.keys()]),
        computedFields: this.#computedGrantsFor(scalars.map((field) => field.name)),
        limit: null,
        allowsAggregations: true,
        queryRootFields,
        subscriptionRootFields,
      },
      insert: {
        role: 'admin',
        check: always,
        columns: this.#columnsWhere((column) => column.isInsertable),
        presets: noPresets,
        isBackendOnly: false,
        validation: null,
      },
      update: {
        role: 'admin',
        filter: always,
        check: null,
        columns: this.#columnsWhere((column) => column.isUpdatable),
        presets: noPresets,
        isBackendOnly: false,
        validation: null,
      },
      delete: { role: 'admin', filter: always, isBackendOnly: false, validation: null },
    };
  }

  /** @throws RequestError with the inner message of spec/permissions.md 9.4 */
  select(role: string, permission: PermissionRules<SelectPermission>): SelectRule {
    const rules = declaredRules(role, permission).map((rule) => this.#selectRule(role, rule));
    const united = notEmpty(uniteSelects(role, rules));
    return rules.length === 1 ? united : simplifySelect(united);
  }

  /** @throws RequestError with the inner message of spec/permissions.md 9.4 */
  insert(role: string, permission: PermissionRules<InsertPermission>): InsertRule {
    const rules = declaredRules(role, permission).map((rule) => this.#insertRule(role, rule));
    return notEmpty(uniteInserts(this.#table, role, rules));
  }

  /** @throws RequestError with the inner message of spec/permissions.md 9.4 */
  update(role: string, permission: PermissionRules<UpdatePermission>): UpdateRule {
    const rules = declaredRules(role, permission).map((rule) => this.#updateRule(role, rule));
    if (this.#table.primaryKey === null && choosesByRow(rules)) {
      throw fault('several update rules that differ in check or set need a table with a primary key');
    }
    return notEmpty(uniteUpdates(this.#table, role, rules));
  }

  /** @throws RequestError with the inner message of spec/permissions.md 9.4 */
  delete(role: string, permission: PermissionRules<DeletePermission>): DeleteRule {
    const rules = declaredRules(role, permission).map((rule) => this.#deleteRule(role, rule));
    return notEmpty(uniteDeletes(role, rules));
  }

  #selectRule(role: string, permission: SelectPermission): SelectRule {
    // Of several faults the first in this order is told.
    const rows = this.#rowsWhere(this.#expression(permission.filter));
    const columns = this.#grantsFor(this.#selectedColumns(permission.columns));
    const computedFields = this.#computedGrantsFor(permission.computed_fields ?? []);
    const limit = permission.limit ?? null;
    if (limit !== null && limit < 0) throw fault('unexpected negative value');
    const allowsAggregations = permission.allow_aggregations ?? false;
    const rule: SelectRule = {
      role,
      rows,
      columns,
      computedFields,
      limit,
      allowsAggregations,
      queryRootFields: allowsAll(permission.query_root_fields, queryRootFields),
      subscriptionRootFields: allowsAll(permission.subscription_root_fields, subscriptionRootFields),
    };
    this.#checkRootFields(rule, permission);
    return rule;
  }

  #insertRule(role: string, permission: InsertPermission): InsertRule {
    const check = this.#expression(permission.check);
    const presets = this.#presets(permission.set);
    return {
      role,
      check,
      columns: this.#writableColumns('insert', permission.columns ?? '*', presets),
      presets,
      isBackendOnly: permission.backend_only ?? false,
      validation: readInputValidation(permission.validate_input),
    };
  }

  #updateRule(role: string, permission: UpdatePermission): UpdateRule {
    const filter = this.#expression(permission.filter);
    const check =
      permission.check === undefined || permission.check === null ? null : this.#expression(permission.check);
    const presets = this.#presets(permission.set);
    return {
      role,
      filter,
      check,
      columns: this.#writableColumns('update', permission.columns, presets),
      presets,
      isBackendOnly: permission.backend_only ?? false,
      validation: readInputValidation(permission.validate_input),
    };
  }

  #deleteRule(role: string, permission: DeletePermission): DeleteRule {
    return {
      role,
      filter: this.#expression(permission.filter),
      isBackendOnly: permission.backend_only ?? false,
      validation: readInputValidation(permission.validate_input),
    };
  }

  #expression(json: JsonObject): BooleanExpression {
    const key = stringifyJson(json);
    const known = this.#expressions.get(key);
    if (known !== undefined) return known;
    const expression = parseExpression(json, this.#table, this.#context, definitionAccess);
    this.#expressions.set(key, expression);
    return expression;
  }

  #rowsWhere(filter: BooleanExpression): GuardedRows {
    return remember(this.#rows, filter, () => makeRows(this.#table, ownRows(this.#table), filter));
  }

  #selectedColumns(selection: ColumnSelection): readonly string[] {
    if (selection === '*') return [...this.#table.columns.keys()];
    for (const name of selection) {
      this.#column(name, 'permissions for relationships are automatically inferred');
    }
    return selection;
  }

  /** @param hint what is told of a name that is something else than a column */
  #column(name: string, hint: string): Column {
    const { columns, relationships, computedFields } = this.#table;
    const column = columns.get(name);
    if (column !== undefined) return column;
    const kind = relationships.has(name)
      ? 'relationship'
      : computedFields.has(name)
        ? 'computed field'
        : null;
    if (kind === null) throw fault(`column "${name}" does not exist`);
    throw fault(`expecting a database column; but, "${name}" is a ${kind}; ${hint}`);
  }

  #grantsFor(names: readonly string[]): ReadonlyMap<string, ColumnGrant> {
    const { columns } = this.#table;
    const wanted = new Set(names);
    return remember(this.#grants, keyOf(names), () => {
      const grants = new Map<string, ColumnGrant>();
      for (const column of columns.values()) {
        if (wanted.has(column.name)) grants.set(column.name, plainGrant(column));
      }
      return grants;
    });
  }

  #computedGrantsFor(names: readonly string[]): ReadonlyMap<string, ComputedFieldGrant> {
    if (names.length === 0) return noComputedFields;
    return remember(this.#computedFields, keyOf(names), () => {
      const grants = new Map<string, ComputedFieldGrant>();
      for (const name of names) {
        const { columns, relationships, computedFields } = this.#table;
        const field = computedFields.get(name);
        if (field === undefined) {
          const kind = columns.has(name) ? 'column' : relationships.has(name) ? 'relationship' : null;
          throw kind === null
            ? fault(`computed field "${name}" does not exist`)
            : fault(`expecting a computed field; but, "${name}" is a ${kind}`);
        }
        if (field.returns.kind === 'rows') {
          const returned = describeName(field.returns.table);
          throw fault(
            `select permissions on computed field "${name}" are auto-derived from the permissions on its returning table "${returned}" and cannot be specified manually`,
          );
        }
        grants.set(name, { field, visibleWhen: null });
      }
      return grants;
    });
  }

  #checkRootFields(rule: SelectRule, permission: SelectPermission): void {
    const listed = [...(permission.query_root_fields ?? []), ...(permission.subscription_root_fields ?? [])];
    const { primaryKey, source } = this.#table;
    const showsKey = primaryKey?.every((column) => rule.columns.has(column.name)) ?? false;
    if (listed.includes('select_by_pk') && !showsKey) {
      throw fault(
        `The "select_by_pk" field cannot be included in the query_root_fields or subscription_root_fields because the role "${rule.role}" does not have access to the primary key of the table "${describeName(this.#table)}" in the source "${source}"`,
      );
    }
    if (listed.includes('select_aggregate') && !rule.allowsAggregations) {
      throw fault(
        'The "select_aggregate" root field can only be enabled in the query_root_fields or  the subscription_root_fields when "allow_aggregations" is set to true',
      );
    }
  }

  #presets(set: JsonObject | undefined): ReadonlyMap<string, Value> {
    const entries = Object.entries(set ?? {});
    if (entries.length === 0) return noPresets;
    return new Map(
      entries.map(([name, value]) => {
        const hint = `column "${name}" not found in table "${describeName(this.#table)}"`;
        const column = this.#column(name, hint);
        return [name, parseValue(value, column.type, { enumReference: column.enumReference })];
      }),
    );
  }

  #writableColumns(
    operation: 'insert' | 'update',
    selection: ColumnSelection,
    presets: ReadonlyMap<string, Value>,
  ): ReadonlyMap<string, Column> {
    const { columns, relationships, computedFields } = this.#table;
    const isWritable = (column: Column) =>
      operation === 'insert' ? column.isInsertable : column.isUpdatable;
    if (selection !== '*') {
      for (const name of selection) {
        const column = columns.get(name);
        if (column === undefined) {
          if (relationships.has(name) || computedFields.has(name)) {
            throw fault(
              `Only table columns can have ${operation} permissions defined, not relationships or other field types`,
            );
          }
          throw fault(`column "${name}" does not exist`);
        }
        if (!isWritable(column)) {
          throw fault(
            `Column "${name}" is not ${operation === 'insert' ? 'insertable' : 'updatable'} and so cannot have ${operation} permissions defined`,
          );
        }
      }
    }
    const wanted = selection === '*' ? null : new Set(selection);
    return this.#columnsWhere(
      (column) => isWritable(column) && (wanted?.has(column.name) ?? true) && !presets.has(column.name),
    );
  }

  #columnsWhere(isWanted: (column: Column) => boolean): ReadonlyMap<string, Column> {
    const wanted = [...this.#table.columns.values()].filter(isWanted);
    return remember(
      this.#columns,
      keyOf(wanted.map((column) => column.name)),
      () => new Map(wanted.map((column) => [column.name, column])),
    );
  }
}

/** The grant of a column without a condition: one object per column, whatever the number of roles. */
function plainGrant(column: Column): ColumnGrant {
  return remember(plainGrants, column, () => ({ column, visibleWhen: null }));
}

const plainGrants = new WeakMap<Column, ColumnGrant>();
const noPresets: ReadonlyMap<string, Value> = new Map();
const noComputedFields: ReadonlyMap<string, ComputedFieldGrant> = new Map();

/** The rules that a permission lists. What stands beside a list of rules would bind none of them, so it is refused. */
function declaredRules<P extends object>(role: string, permission: PermissionRules<P>): readonly P[] {
  if (role === 'admin') throw fault('cannot define permission for admin role');
  if (isRuleList(permission)) {
    const beside = Object.keys(permission).filter((key) => key !== 'rules');
    if (beside.length > 0) throw fault(`unexpected keys beside "rules": ${JSON.stringify(beside)}`);
  }
  return rulesOfPermission(permission);
}

function notEmpty<R>(rule: R | null): R {
  if (rule === null) throw fault('a permission with several rules needs at least one rule');
  return rule;
}

/** Lists with the same names in another order grant the same. */
function keyOf(names: readonly string[]): string {
  return JSON.stringify([...names].sort());
}

function remember<K, V>(
  known: { get(key: K): V | undefined; set(key: K, value: V): unknown },
  key: K,
  make: () => V,
): V {
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = make();
  known.set(key, made);
  return made;
}

function fault(message: string): RequestError {
  return new RequestError('invalid-configuration', Path.root, message);
}
