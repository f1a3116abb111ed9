import type { InsertRequest, OnConflict } from '../metadata/index.ts';
import type { TrackedTable } from '../model/index.ts';
import {
  always,
  type Column,
  denyNotInsertable,
  describeName,
  encodeList,
  firstUpdateRule,
  type InsertRule,
  insertRuleFor,
  parseValue,
  textType,
  updateRuleFor,
} from '../permissions/index.ts';
import {
  type Cell,
  type ColumnValues,
  type Conflict,
  type ConflictTarget,
  type InsertMutation,
  type InsertRow,
  type InsertValues,
  noRuleFor,
} from '../plan/index.ts';
import {
  describeKind,
  isJsonObject,
  type Json,
  type JsonObject,
  Path,
  RequestError,
} from '../support/index.ts';
import { withStoredScale } from './numeric-scale.ts';
import { columnNamed, type TableReader } from './reader.ts';
import { planReturning } from './returning.ts';
import type { PlannedWrite } from './types.ts';
import { planValidations } from './validations.ts';
import { requireWritableView } from './views.ts';

const returningHint = '; "returning" can only be used if the role has "select" permission on the table';

/** Source: spec/metadata-api.md 5.2, spec/permissions.md 6. */
export function planInsert(request: InsertRequest, reader: TableReader): PlannedWrite<InsertMutation> {
  const { path } = reader;
  const objects = readObjects(request.objects, path.child('objects'));
  const table = reader.table(request.table);
  requireWritableView(table, 'insertable', path);
  const allRules = reader.require(table, 'insert');
  const select = request.returning === null ? null : reader.require(table, 'select', returningHint);
  const output = planReturning(request.returning, table, select, reader);
  const rows = objects.map((object, index) => planRow(object, table, allRules, path.child('objects', index)));
  const columns = [...new Set(rows.flatMap((row) => row.cells.map(({ column }) => column)))];
  const rule = insertRuleFor(allRules, columns);
  if (rule === null) throw noRuleFor('insert', table, columns, path);
  const { onConflict } = request;
  return {
    mutation: {
      kind: 'insert',
      rows: {
        table,
        rule,
        conflict: onConflict === null ? null : planConflict(onConflict, table, columns, reader),
        values: valuesOf(rows, columns),
        path,
      },
      output,
      nullChecks: reader.options.nullChecks,
    },
    validations: planValidations(allRules, columns, objects),
  };
}

function readObjects(json: Json, path: Path): readonly JsonObject[] {
  const mismatch = (what: string, expected: string, value: Json, at: Path) =>
    new RequestError(
      'parse-failed',
      at,
      `parsing ${what} failed, expected ${expected}, but encountered ${describeKind(value)}`,
    );
  if (!Array.isArray(json)) throw mismatch('[]', 'Array', json, path);
  if (json.length === 0) throw new RequestError('unexpected-payload', path, 'objects should not be empty');
  return json.map((item: Json, index) => {
    if (isJsonObject(item)) return item;
    throw mismatch('HashMap', 'Object', item, path.child(index));
  });
}

function planRow(object: JsonObject, table: TrackedTable, rule: InsertRule, path: Path): InsertRow {
  const cells = Object.entries(object).map(([name, json]): Cell => {
    const column = columnNamed(table, name, "relationships can't be inserted", path);
    if (rule.presets.has(name)) {
      throw new RequestError('not-supported', path, denyNotInsertable(rule.role, name));
    }
    if (!rule.columns.has(name)) {
      throw new RequestError('permission-denied', path, denyNotInsertable(rule.role, name));
    }
    const value = parseValue(withStoredScale(json, column), column.type, {
      enumReference: column.enumReference,
      path: path.child(name),
      readsSessionVariables: false,
    });
    return { column, value };
  });
  return { cells, before: [], after: [], path };
}

/**
 * Rows of one form travel as one list for each column: the statement is then the same for any number of them, and no number is too large.
 * Values that are more than a cast text (geometries) and defaults have no place in lists.
 */
function valuesOf(rows: readonly InsertRow[], columns: readonly Column[]): InsertValues {
  const isUniform = rows.every(({ cells }) => cells.length === columns.length);
  const lists = rows.length < 2 || columns.length === 0 || !isUniform ? [null] : columns.map(listOf(rows));
  return lists.every((list) => list !== null) ? { kind: 'columns', columns: lists } : { kind: 'rows', rows };
}

function listOf(rows: readonly InsertRow[]): (column: Column) => ColumnValues | null {
  const cellsByRow = rows.map(({ cells }) => new Map(cells.map((cell) => [cell.column, cell.value])));
  return (column) => {
    const texts: (string | null)[] = [];
    for (const cells of cellsByRow) {
      const value = cells.get(column);
      if (value?.source.kind !== 'literal' || value.input !== 'text' || value.isArray) return null;
      texts.push(value.source.text);
    }
    const text = encodeList(texts, textType, Path.root);
    return {
      column,
      type: column.type,
      texts: { source: { kind: 'literal', text }, type: textType, isArray: true, input: 'text' },
    };
  };
}

/** `given` are the columns that some row gives a value: those are updated. */
function planConflict(
  { action, constraint, constraintOn }: OnConflict,
  table: TrackedTable,
  given: readonly Column[],
  reader: TableReader,
): Conflict {
  const path = reader.path.child('on_conflict');
  const rule = reader.rules(table).update;
  if (rule === null) {
    throw new RequestError(
      'permission-denied',
      path,
      `upsert is not allowed for role "${reader.role}" since update permissions are not defined`,
    );
  }
  const target = planTarget(constraint, constraintOn, table, path);
  if (action === 'ignore') return { target, update: null };
  if (target === null) {
    throw new RequestError(
      'unexpected-payload',
      path,
      "Expecting 'constraint' or 'constraint_on' when the 'action' is 'update'",
    );
  }
  // rows of nothing but defaults leave nothing to update with
  if (given.length === 0) return { target, update: null };
  const refused = given.find(({ name }) => !rule.columns.has(name));
  if (refused !== undefined) {
    throw new RequestError('validation-failed', path, `column "${refused.name}" is not updatable`);
  }
  const used = updateRuleFor(rule, given);
  if (used === null) throw noRuleFor('update', table, given, path);
  return { target, update: { rule: firstUpdateRule(used), columns: given, where: always } };
}

function planTarget(
  constraint: string | null,
  constraintOn: readonly string[] | null,
  table: TrackedTable,
  path: Path,
): ConflictTarget | null {
  if (constraint !== null && constraintOn !== null) {
    throw new RequestError(
      'unexpected-payload',
      path,
      "'constraint' and 'constraint_on' cannot be set at a time",
    );
  }
  if (constraintOn !== null) {
    const columns = constraintOn.map((name, index) =>
      columnNamed(table, name, '', path.child('constraint_on', index)),
    );
    return { kind: 'columns', columns };
  }
  if (constraint === null) return null;
  if (table.catalog.uniqueKeys.some(({ name }) => name === constraint)) {
    return { kind: 'constraint', name: constraint };
  }
  throw new RequestError(
    'unexpected',
    path.child('constraint'),
    `constraint "${constraint}" for table "${describeName(table)}" does not exist`,
  );
}
