/**
 * The writing part of a mutation: INSERT, UPDATE or DELETE up to its RETURNING clause, with the rule's presets and filter in it, and the rule's check as
 * a condition on the written row. Sources for the shapes: spec/permissions.md 2.5, 6.2; spec/graphql-api.md 8, 17.4.
 */
import type { BooleanExpression, Column, Table, UpdateRule, Value } from '../../permissions/index.ts';
import type {
  Assignment,
  Cell,
  ColumnValues,
  Conflict,
  DeleteMutation,
  InsertRow,
  InsertRows,
  NullChecks,
  UpdateMutation,
} from '../../plan/index.ts';
import { InvariantError, unreachable } from '../../support/index.ts';
import { renderBooleanExpression } from '../boolean-expression.ts';
import { identifier, join, qualifiedName, type SqlFragment, sql, typeName } from '../fragment.ts';
import { renderBehind } from '../guarded-rows.ts';
import { readingFirst } from '../read-first.ts';
import { type Aliases, rowScope } from '../row.ts';
import { renderValue } from '../value.ts';

export interface Write {
  readonly table: Table;
  /** `insert into … `, without RETURNING. */
  readonly statement: SqlFragment;
  /** Alias of the written row in RETURNING. */
  readonly row: SqlFragment;
  /** Whether the written row passes; null when there is nothing to check. */
  readonly check: SqlFragment | null;
}

/** Values that another row determines. They give way to presets only. */
export type FixedValues = ReadonlyMap<Column, SqlFragment>;

export const noFixedValues: FixedValues = new Map();

/** Which rows to insert: all, as they stand in the plan, or one of them by itself. */
export type RowChoice = { readonly kind: 'all' } | { readonly kind: 'one'; readonly row: InsertRow };

export function renderInsertWrite(
  rows: InsertRows,
  choice: RowChoice,
  fixed: FixedValues,
  nullChecks: NullChecks,
  aliases: Aliases,
): Write {
  const { table, rule, conflict } = rows;
  const row = aliases.next();
  const overriding = new Map(fixed);
  for (const [name, value] of rule.presets) overriding.set(columnOf(table, name), renderValue(value));
  const values =
    rows.values.kind === 'columns' && choice.kind === 'all'
      ? valuesOfColumns(rows.values.columns, overriding, aliases)
      : valuesOfRows(choice.kind === 'one' ? [choice.row] : rowsOf(rows), overriding, table);
  const insertCheck = renderCheck(rule.check, row, nullChecks, aliases);
  const updateCheck = conflict?.update?.rule.check ?? null;
  return {
    table,
    statement: sql`insert into ${qualifiedName(table)} as ${row} ${values}${renderConflict(conflict, table, row, aliases)}`,
    row,
    // without a check of its own an update is held to that of the insert
    check:
      updateCheck === null
        ? insertCheck
        : upsertCheck(table, insertCheck, renderCheck(updateCheck, row, nullChecks, aliases), row),
  };
}

export function renderUpdateWrite(update: UpdateMutation, aliases: Aliases): Write {
  const { table, rule } = update;
  if (update.choices !== undefined) return renderChoosingUpdate(update, update.choices, aliases);
  const row = aliases.next();
  const assignments = update.assignments.map((assignment) => renderAssignment(assignment, row));
  for (const [name, value] of rule.presets)
    assignments.push(sql`${identifier(name)} = ${renderValue(value)}`);
  const scope = rowScope(aliases, row);
  const filter = renderBooleanExpression(rule.filter, scope);
  const where = renderBehind({ expression: rule.filter, rendered: filter }, update.where, scope);
  return {
    table,
    statement: sql`update ${qualifiedName(table)} as ${row} set ${join(assignments, sql`, `)} where ${readingFirst(aliases)}${filter} and ${where}`,
    row,
    check: rule.check === null ? null : renderCheck(rule.check, row, update.nullChecks, aliases),
  };
}

export function renderDeleteWrite({ table, rule, where }: DeleteMutation, aliases: Aliases): Write {
  const row = aliases.next();
  const scope = rowScope(aliases, row);
  const filter = renderBooleanExpression(rule.filter, scope);
  const condition = renderBehind({ expression: rule.filter, rendered: filter }, where, scope);
  return {
    table,
    statement: sql`delete from ${qualifiedName(table)} as ${row} where ${readingFirst(aliases)}${filter} and ${condition}`,
    row,
    check: null,
  };
}

/**
 * An update under one of several rules, which the row as it is decides. The rows are locked first, and with each comes which rules admit it; presets and checks follow
 * from that. The rows are found again by their key, so that the one which was waited for is the one that is changed.
 */
function renderChoosingUpdate(
  { table, where, assignments, nullChecks }: UpdateMutation,
  choices: readonly (readonly UpdateRule[])[],
  aliases: Aliases,
): Write {
  if (table.primaryKey === null)
    throw new InvariantError(`"${table.name}" has no key to find a locked row by`);
  const row = aliases.next();
  const stored = aliases.next();
  const locked = aliases.next();
  const scope = rowScope(aliases, stored);
  const columns: SqlFragment[] = [];
  const lockedColumn = (value: SqlFragment): SqlFragment => {
    const name = aliases.next();
    columns.push(sql`${value} as ${name}`);
    return sql`${locked}.${name}`;
  };
  const keys = table.primaryKey.map(
    ({ name }) => sql`${row}.${identifier(name)} = ${lockedColumn(sql`${stored}.${identifier(name)}`)}`,
  );
  const filters: SqlFragment[] = [];
  const classes = choices.map((alternatives) => {
    const ways = alternatives.map((alternative) => {
      const filter = renderBooleanExpression(alternative.filter, scope);
      filters.push(filter);
      return { alternative, admits: lockedColumn(sql`(${filter} is true)`) };
    });
    const presets = ways[0]?.alternative.presets ?? new Map<string, Value>();
    return {
      ways,
      presets,
      admits: sql`(${join(
        ways.map(({ admits }) => admits),
        sql` or `,
      )})`,
    };
  });
  const byClass = (valueIn: (one: (typeof classes)[number]) => SqlFragment): SqlFragment =>
    sql`(case ${join(
      classes.map((one) => sql`when ${one.admits} then ${valueIn(one)}`),
      sql` `,
    )} end)`;
  const changes = assignments.map((assignment) => renderAssignment(assignment, row));
  for (const name of new Set(classes.flatMap(({ presets }) => [...presets.keys()]))) {
    const column = identifier(columnOf(table, name).name);
    changes.push(
      sql`${column} = ${byClass(({ presets }) => {
        const preset = presets.get(name);
        return preset === undefined ? sql`${row}.${column}` : renderValue(preset);
      })}`,
    );
  }
  const check = byClass(({ ways }) => {
    const passed = ways.map(({ alternative, admits }) => {
      const after =
        alternative.check === null ? null : renderCheck(alternative.check, row, nullChecks, aliases);
      return after === null ? admits : sql`(${admits} and ${after})`;
    });
    return sql`(${join(passed, sql` or `)})`;
  });
  const admitted = sql`(${join(filters, sql` or `)})`;
  const expression: BooleanExpression = {
    kind: 'or',
    operands: choices.flat().map(({ filter }) => filter),
  };
  const condition = renderBehind({ expression, rendered: admitted }, where, scope);
  const lock = sql`select ${join(columns, sql`, `)} from ${qualifiedName(table)} as ${stored} where ${readingFirst(aliases)}${admitted} and ${condition} for no key update`;
  return {
    table,
    statement: sql`update ${qualifiedName(table)} as ${row} set ${join(changes, sql`, `)} from (${lock}) as ${locked} where ${join(keys, sql` and `)}`,
    row,
    check,
  };
}

function rowsOf({ values }: InsertRows): readonly InsertRow[] {
  if (values.kind === 'rows') return values.rows;
  throw new InvariantError('rows that came as columns are not written one by one');
}

/** `("a", "b") values (…), (…)`; a cell that nobody gives is DEFAULT. */
function valuesOfRows(
  rows: readonly InsertRow[],
  overriding: ReadonlyMap<Column, SqlFragment>,
  table: Table,
): SqlFragment {
  const columns = new Set<Column>(overriding.keys());
  for (const { cells } of rows) for (const { column } of cells) columns.add(column);
  if (columns.size === 0) {
    // several rows of defaults need some column to be named
    const any = [...table.columns.values()].find(({ isInsertable }) => isInsertable);
    if (any === undefined || rows.length === 1) return sql`default values`;
    columns.add(any);
  }
  const lists = rows.map(({ cells }) => {
    const given = new Map(cells.map((cell: Cell) => [cell.column, cell.value]));
    const list = [...columns].map((column) => overriding.get(column) ?? cellOrDefault(given.get(column)));
    return sql`(${join(list, sql`, `)})`;
  });
  return sql`(${columnList([...columns])}) values ${join(lists, sql`, `)}`;
}

function cellOrDefault(value: Value | undefined): SqlFragment {
  return value === undefined ? sql`default` : renderValue(value);
}

/** `("a") select (_1.c0)::integer from unnest(…) as _1(c0)`: any number of rows with the same text of the statement. */
function valuesOfColumns(
  given: readonly ColumnValues[],
  overriding: ReadonlyMap<Column, SqlFragment>,
  aliases: Aliases,
): SqlFragment {
  const source = aliases.next();
  const names = given.map(() => aliases.next());
  const ordinality = aliases.next();
  const targets: Column[] = [];
  const list: SqlFragment[] = [];
  given.forEach(({ column, type }, index) => {
    if (overriding.has(column)) return;
    targets.push(column);
    list.push(sql`(${source}.${names[index] ?? ordinality})::${typeName(type)}`);
  });
  for (const [column, value] of overriding) {
    targets.push(column);
    list.push(value);
  }
  const texts = given.map((values) => renderValue(values.texts));
  return sql`(${columnList(targets)}) select ${join(list, sql`, `)} from unnest(${join(texts, sql`, `)}) with ordinality as ${source}(${join([...names, ordinality], sql`, `)}) order by ${source}.${ordinality}`;
}

function columnList(columns: readonly Column[]): SqlFragment {
  return join(
    columns.map(({ name }) => identifier(name)),
    sql`, `,
  );
}

function renderConflict(
  conflict: Conflict | null,
  table: Table,
  row: SqlFragment,
  aliases: Aliases,
): SqlFragment {
  if (conflict === null) return sql``;
  const target = sql` on conflict${renderTarget(conflict)}`;
  if (conflict.update === null) return sql`${target} do nothing`;
  const { rule, columns, where } = conflict.update;
  const assignments = columns.map(({ name }) => sql`${identifier(name)} = excluded.${identifier(name)}`);
  for (const [name, value] of rule.presets) {
    assignments.push(sql`${identifier(columnOf(table, name).name)} = ${renderValue(value)}`);
  }
  const scope = rowScope(aliases, row);
  const filter = renderBooleanExpression(rule.filter, scope);
  return sql`${target} do update set ${join(assignments, sql`, `)} where ${filter} and ${renderBehind({ expression: rule.filter, rendered: filter }, where, scope)}`;
}

function renderTarget({ target }: Conflict): SqlFragment {
  if (target === null) return sql``;
  return target.kind === 'constraint'
    ? sql` on constraint ${identifier(target.name)}`
    : sql` (${columnList(target.columns)})`;
}

function renderAssignment({ column, operator, value }: Assignment, row: SqlFragment): SqlFragment {
  const name = identifier(column.name);
  if (operator === 'default') return sql`${name} = default`;
  const old = sql`${row}.${name}`;
  const given = renderValue(value);
  switch (operator) {
    case 'set':
      return sql`${name} = ${given}`;
    case 'inc':
      return sql`${name} = ${old} + ${given}`;
    case 'mul':
      return sql`${name} = ${old} * ${given}`;
    case 'append':
      return sql`${name} = ${old} || ${given}`;
    case 'prepend':
      return sql`${name} = ${given} || ${old}`;
    case 'delete-key':
    case 'delete-elem':
      return sql`${name} = ${old} - ${given}`;
    case 'delete-at-path':
      return sql`${name} = ${old} #- ${given}`;
    default:
      return unreachable(operator);
  }
}

/** Null for a check that every row passes. A check must be true; one that is NULL fails unless told otherwise (spec/permissions.md 13, D1). */
function renderCheck(
  check: BooleanExpression,
  row: SqlFragment,
  nullChecks: NullChecks,
  aliases: Aliases,
): SqlFragment | null {
  if (check.kind === 'constant' && check.value) return null;
  const condition = renderBooleanExpression(check, rowScope(aliases, row));
  return nullChecks === 'pass' ? sql`(${condition} is not false)` : sql`(${condition} is true)`;
}

/**
 * A row that was inserted has no `xmax`. Source: spec/permissions.md 2.5. PostgreSQL does not give it for rows of partitions; there nothing tells which of the two has
 * happened, so that a row has to pass both checks.
 */
function upsertCheck(
  table: Table,
  ofInsert: SqlFragment | null,
  ofUpdate: SqlFragment | null,
  row: SqlFragment,
): SqlFragment | null {
  if (ofInsert === ofUpdate) return ofInsert;
  if (table.isPartitioned === true) {
    if (ofInsert === null || ofUpdate === null) return ofInsert ?? ofUpdate;
    return sql`(${ofInsert} and ${ofUpdate})`;
  }
  return sql`(case when ${row}.xmax = 0 then ${ofInsert ?? sql`true`} else ${ofUpdate ?? sql`true`} end)`;
}

function columnOf(table: Table, name: string): Column {
  const column = table.columns.get(name);
  if (column === undefined) throw new InvariantError(`"${table.name}" has no column "${name}" to preset`);
  return column;
}
