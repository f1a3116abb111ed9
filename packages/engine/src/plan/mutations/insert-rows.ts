import { type Column, insertRuleFor, textType, type Value } from '../../permissions/index.ts';
import type { InputObjectType, InputValue, InsertTarget } from '../../schema/index.ts';
import { InvariantError, isJsonObject, type Json, type Path } from '../../support/index.ts';
import { arrayLiteral, storedText, storedValue, type ValueReader, valueReader } from '../column-values.ts';
import { fault, nested, type PlanContext, spend } from '../context.ts';
import type { GivenArgument } from '../field-arguments.ts';
import {
  type Input,
  type ObjectEntry,
  openList,
  openObject,
  type RawInput,
  resolveEntry,
  resolveInput,
  variableSource,
} from '../input.ts';
import { inputObjectOf } from '../input-object-of.ts';
import { elementType, isListType } from '../type-text.ts';
import { planConflict } from './conflict.ts';
import { noRuleFor } from './no-rule.ts';
import { commonColumns, shapeOfNested, shapeOfRow, shapeOfRows } from './row-shape.ts';
import type { Cell, ColumnValues, Conflict, InsertRow, InsertRows, NestedInsert } from './types.ts';

/**
 * The rows of `objects`, `object` or a nested `data`; null when there are none. `fixedBy` names the columns that the enclosing row determines,
 * `runPath` is where errors of the insertion are, below `object` another place than that of the text (spec/permissions.md 6.3).
 * Source: spec/graphql-api.md 8.2, spec/permissions.md 6.4.
 */
export function planInsertRows(
  { definition, input, path }: Pick<GivenArgument, 'definition' | 'input' | 'path'>,
  target: InsertTarget,
  conflict: Conflict | null,
  context: PlanContext,
  fixedBy: Fixed | null = null,
  runPath: Path = path,
): InsertRows | null {
  const type = inputObjectOf(definition);
  const isList = isListType(definition.type);
  if (input.kind === 'variable' && input.steps.length === 0) {
    registerShape(input.name, type, isList ? 'rows' : 'row', context);
  }
  const { table } = target;
  const place = (given: readonly Column[]) => {
    const rule = insertRuleFor(target.rule, given);
    if (rule === null) throw noRuleFor('insert', table, given, path);
    return { table, rule, conflict, path: runPath };
  };
  if (isList && input.kind === 'variable') {
    const names = commonColumns(input.value, type);
    // A column that is given twice is reported row by row.
    const isFixed = names?.some((name) => fixedBy?.columns.has(columnNamed(name, type))) ?? false;
    if (names !== null && !isFixed) {
      const columns = names.map((name) => planColumn(name, input, type, path));
      return { ...place(columns.map(({ column }) => column)), values: { kind: 'columns', columns } };
    }
  }
  const rows = isList
    ? planRowList(definition, input, type, fixedBy, path, runPath, context)
    : [planRow(input, type, fixedBy, path, singleRowPath(definition, runPath), context)];
  if (rows.length === 0) return null;
  // The rows are written together, so one rule must list what any of them gives.
  const given = new Set(rows.flatMap(({ cells }) => cells.map(({ column }) => column)));
  return { ...place([...given]), values: { kind: 'rows', rows } };
}

/** Columns that a relationship gives their values. */
interface Fixed {
  readonly columns: ReadonlySet<Column>;
}

function registerShape(
  variable: string,
  type: InputObjectType,
  form: 'row' | 'rows' | 'nested',
  context: PlanContext,
): void {
  const shapeOf = { row: shapeOfRow, rows: shapeOfRows, nested: shapeOfNested }[form];
  context.shapes.set(`${form} ${type.name} ${variable}`, {
    variable,
    shapeOf: (value) => shapeOf(value, type),
  });
}

/** A row of `insert_t_one` that is written by itself has an index all the same (spec/permissions.md 6.3). */
function singleRowPath({ meaning }: InputValue, path: Path): Path {
  return meaning.kind === 'object' ? path.child(0) : path;
}

function planRowList(
  definition: InputValue,
  input: Input,
  type: InputObjectType,
  fixedBy: Fixed | null,
  path: Path,
  runPath: Path,
  context: PlanContext,
): readonly InsertRow[] {
  const element = { type: elementType(definition.type), defaultValue: null };
  return openList(input, path, context, 'by-shape').map((item, index) => {
    const row = resolveInput(item.raw, element, item.path, context);
    if (row.kind === 'variable' && row.steps.length === 0) {
      registerShape(row.name, type, isWholeList(item.raw) ? 'rows' : 'row', context);
    }
    return planRow(row, type, fixedBy, item.path, runPath.child(index), context);
  });
}

/** A variable that holds one row where a list may be: it stands for itself. */
function isWholeList(raw: RawInput): boolean {
  return raw.kind === 'part';
}

function planRow(
  input: Input,
  type: InputObjectType,
  fixedBy: Fixed | null,
  path: Path,
  runPath: Path,
  context: PlanContext,
): InsertRow {
  return nested(context, path, () => {
    const cells: Cell[] = [];
    const related: { readonly nested: NestedInsert; readonly order: 'before-parent' | 'after-parent' }[] = [];
    for (const entry of openObject(input, type, path, context, 'by-shape')) {
      const { meaning } = entry.field;
      switch (meaning.kind) {
        case 'input-column':
          cells.push({ column: meaning.column, value: planCell(entry, meaning.column, context) });
          break;
        case 'nested-insert': {
          const planned = planNested(entry, meaning, runPath.child(entry.field.name), context);
          if (planned !== null) related.push({ nested: planned, order: meaning.relationship.insertionOrder });
          break;
        }
        default:
          throw new InvariantError(`'${entry.field.name}' is no part of a row to insert`);
      }
    }
    const inOrder = (order: string) => related.filter((one) => one.order === order).map((one) => one.nested);
    const row: InsertRow = {
      cells,
      before: inOrder('before-parent'),
      after: inOrder('after-parent'),
      path: runPath,
    };
    refuseSecondValues(row, fixedBy);
    return row;
  });
}

/** A cell; null is the value NULL, where the column takes it. The parts of a variable stay unknown to the plan, also whether they are null. */
function planCell(entry: ObjectEntry, column: Column, context: PlanContext): Value {
  const reader = valueReader(entry.field.type, column.type);
  const { raw, path } = entry;
  if (raw.kind !== 'part' || !reader.isPlain) {
    return storedValue(resolveEntry(entry, context), column, reader, path, context);
  }
  spend(context, path);
  storedText(raw.value, column, reader, path);
  return {
    source: partSource(raw.name, raw.steps, column, reader, path),
    type: reader.type,
    isArray: false,
    input: 'text',
  };
}

/** Lives as long as the plan: it must hold nothing of this request. */
function partSource(
  name: string,
  steps: readonly (string | number)[],
  column: Column,
  reader: ValueReader,
  path: Path,
): Value['source'] {
  const encode = (value: Json) => storedText(value, column, reader, path);
  return variableSource(name, steps, encode, () => encode(null));
}

function planNested(
  entry: ObjectEntry,
  meaning: Extract<InputValue['meaning'], { kind: 'nested-insert' }>,
  runPath: Path,
  context: PlanContext,
): NestedInsert | null {
  const input = resolveEntry(entry, context);
  if (input.kind === 'null') return null;
  const { relationship, target } = meaning;
  const type = inputObjectOf(entry.field);
  if (input.kind === 'variable' && input.steps.length === 0) {
    registerShape(input.name, type, 'nested', context);
  }
  const given = openObject(input, type, entry.path, context, 'by-shape').map((member) => ({
    definition: member.field,
    input: resolveEntry(member, context),
    path: member.path,
  }));
  const conflictArgument = given.find(({ definition }) => definition.meaning.kind === 'on-conflict');
  const conflict = conflictArgument === undefined ? null : planConflict(conflictArgument, target, context);
  const data = given.find(({ definition }) => definition.meaning.kind === 'insert-data');
  if (data === undefined) throw new InvariantError(`nested rows of '${relationship.name}' without data`);
  const fixed =
    relationship.insertionOrder === 'before-parent'
      ? null
      : { columns: new Set(relationship.mapping.map(({ to }) => to)) };
  const rows = planInsertRows(data, target, conflict, context, fixed, runPath.child('data'));
  return rows === null ? null : { relationship, rows, path: runPath };
}

/** Source: spec/permissions.md 6.4. */
function refuseSecondValues({ cells, before, path }: InsertRow, fixedBy: Fixed | null): void {
  const given = new Set(cells.map(({ column }) => column));
  const twice = [...given].filter((column) => fixedBy?.columns.has(column));
  if (twice.length > 0) {
    throw fault(
      path,
      `cannot insert ${quoted(twice)} columns as their values are already being determined by parent insert`,
    );
  }
  for (const { relationship, path: place } of before) {
    const determined = relationship.mapping
      .map(({ from }) => from)
      .filter((column) => given.has(column) || fixedBy?.columns.has(column));
    if (determined.length > 0) {
      throw fault(
        place,
        `cannot insert object relationship "${relationship.name}" as ${quoted(determined)} column values are already determined`,
      );
    }
  }
}

function quoted(columns: readonly Column[]): string {
  return columns.map(({ name }) => `"${name}"`).join(', ');
}

/** One column of all rows that the variable holds. */
function planColumn(
  name: string,
  input: Extract<Input, { kind: 'variable' }>,
  type: InputObjectType,
  path: Path,
): ColumnValues {
  const field = type.fields.get(name);
  const column = columnNamed(name, type);
  if (field === undefined) throw new InvariantError(`'${name}' was not found to be a column`);
  const reader = valueReader(field.type, column.type);
  encodeColumn(input.value, name, column, reader, path);
  const source = columnSource(input.name, input.steps, name, column, reader, path);
  return { column, type: reader.type, texts: { source, type: textType, isArray: true, input: 'text' } };
}

/** Lives as long as the plan: it must hold nothing of this request. */
function columnSource(
  variable: string,
  steps: readonly (string | number)[],
  name: string,
  column: Column,
  reader: ValueReader,
  path: Path,
): Value['source'] {
  return variableSource(variable, steps, (rows) => encodeColumn(rows, name, column, reader, path));
}

function encodeColumn(rows: Json, name: string, column: Column, reader: ValueReader, path: Path): string {
  if (!Array.isArray(rows)) throw new InvariantError('rows of another shape than the planned one');
  const texts = (rows as readonly Json[]).map((row, index) => {
    const value = isJsonObject(row) ? (row[name] ?? null) : null;
    return storedText(value, column, reader, path.child(index, name));
  });
  return arrayLiteral(texts);
}

function columnNamed(name: string, type: InputObjectType): Column {
  const meaning = type.fields.get(name)?.meaning;
  if (meaning?.kind !== 'input-column') throw new InvariantError(`'${name}' is no column`);
  return meaning.column;
}
