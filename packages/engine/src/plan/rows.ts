import type { ObjectType, SelectAccess } from '../schema/index.ts';
import { InvariantError } from '../support/index.ts';
import { planAggregateSelect } from './aggregate.ts';
import { computedFieldRows, computedFieldValues, nativeQueryRows } from './call-arguments.ts';
import { type DefinedField, expectLeaf, type SelectedField, withFieldsBelow } from './collect-fields.ts';
import type { PlanContext } from './context.ts';
import { type GivenArgument, readArguments } from './field-arguments.ts';
import { planRemoteFieldJoin, planRowsJoin } from './joins/plan-join.ts';
import { parseJsonPath } from './json-path.ts';
import { columnOperand, computedOperand, joinValues, scalarTypeOf } from './operands.ts';
import { formatOf, formatOfColumn } from './output-format.ts';
import { planConnection } from './relay/connection.ts';
import { keyOperand } from './relay/key-operand.ts';
import { planningString } from './strict-scalars.ts';
import { plainRowSet, planRowSet } from './table-arguments.ts';
import { isListType } from './type-text.ts';
import type { OutputItem, RowSet, RowsSelect, StreamCursor } from './types.ts';

/** Rows with what is selected of each. The rule's limit applies to lists only (spec/permissions.md 5). */
export function planRowsSelect(
  selected: SelectedField,
  access: SelectAccess,
  set: RowSet,
  cardinality: RowsSelect['cardinality'],
  context: PlanContext,
  stream: StreamCursor | null = null,
): RowsSelect {
  return {
    kind: 'rows',
    set,
    cardinality,
    permissionLimit: cardinality === 'list' ? access.rule.limit : null,
    output: planRowOutput(selected, access, context),
    stream,
  };
}

/** What is selected of each row, in response order. */
export function planRowOutput(
  selected: SelectedField,
  access: SelectAccess,
  context: PlanContext,
): readonly OutputItem[] {
  return withFieldsBelow(selected, context, (fields, type) => planRowFields(fields, type, access, context));
}

/** Fields of a row, already collected. */
export function planRowFields(
  fields: readonly SelectedField[],
  type: ObjectType,
  access: SelectAccess,
  context: PlanContext,
): readonly OutputItem[] {
  return fields.map((field) => planItem(field, type, access, context));
}

function planItem(
  selected: SelectedField,
  type: ObjectType,
  access: SelectAccess,
  context: PlanContext,
): OutputItem {
  const key = selected.responseKey;
  if (selected.field === null) {
    expectLeaf(selected);
    return { key, kind: 'typename', value: type.name };
  }
  const defined: DefinedField = { ...selected, field: selected.field };
  const given = readArguments(defined, context);
  const { meaning } = defined.field;
  switch (meaning.kind) {
    case 'column': {
      expectLeaf(selected);
      const { column } = meaning.grant;
      return {
        key,
        kind: 'value',
        operand: columnOperand(meaning.grant),
        jsonPath: readJsonPath(given, context),
        format: formatOfColumn(column, access.table.source, context),
      };
    }
    case 'computed-scalar': {
      expectLeaf(selected);
      const { field } = meaning.grant;
      return {
        key,
        kind: 'value',
        operand: computedOperand(meaning.grant, computedFieldValues(field, given, selected.path, context)),
        jsonPath: readJsonPath(given, context),
        format: formatOf(scalarTypeOf(field), context),
      };
    }
    case 'computed-rows': {
      const values = computedFieldValues(meaning.field, given, selected.path, context);
      const rows = computedFieldRows(meaning.access, meaning.field, values);
      const set = planRowSet(rows, [], given, selected.path, context);
      const cardinality = isListType(defined.field.type) ? 'list' : 'one';
      return {
        key,
        kind: 'select',
        select: planRowsSelect(selected, meaning.access, set, cardinality, context),
      };
    }
    case 'computed-rows-aggregate': {
      const values = computedFieldValues(meaning.field, given, selected.path, context);
      const rows = computedFieldRows(meaning.access, meaning.field, values);
      const set = planRowSet(rows, [], given, selected.path, context);
      return { key, kind: 'select', select: planAggregateSelect(selected, meaning.access, set, context) };
    }
    case 'object-relationship': {
      const set = plainRowSet(meaning.access.rule.rows, meaning.relationship.mapping);
      return { key, kind: 'select', select: planRowsSelect(selected, meaning.access, set, 'one', context) };
    }
    case 'array-relationship': {
      const { access: related, relationship } = meaning;
      const set = planRowSet(related.rule.rows, relationship.mapping, given, selected.path, context);
      return { key, kind: 'select', select: planRowsSelect(selected, related, set, 'list', context) };
    }
    case 'query-relationship': {
      const { relationship } = meaning;
      const rows = nativeQueryRows(meaning.access, relationship.target, given, context);
      const set = planRowSet(rows, relationship.mapping, given, selected.path, context);
      const cardinality = relationship.kind === 'array' ? 'list' : 'one';
      return {
        key,
        kind: 'select',
        select: planRowsSelect(selected, meaning.access, set, cardinality, context),
      };
    }
    case 'remote-rows': {
      const { relationship } = meaning;
      return {
        key,
        kind: 'join',
        values: joinValues(relationship),
        join: planRowsJoin(defined, meaning, context),
      };
    }
    case 'remote-field': {
      const { relationship } = meaning;
      return {
        key,
        kind: 'join',
        values: joinValues(relationship),
        join: planRemoteFieldJoin(defined, meaning, context),
      };
    }
    case 'relationship-aggregate': {
      const { access: related, relationship } = meaning;
      const set = planRowSet(related.rule.rows, relationship.mapping, given, selected.path, context);
      return { key, kind: 'select', select: planAggregateSelect(selected, related, set, context) };
    }
    case 'relationship-connection': {
      const { access: related, relationship } = meaning;
      const { rows } = related.rule;
      const select = planConnection(selected, related, rows, relationship.mapping, given, context);
      return { key, kind: 'select', select };
    }
    case 'node-id': {
      expectLeaf(selected);
      const { identity } = meaning;
      const columns = meaning.access.table.primaryKey ?? [];
      const values = columns.map((column) => keyOperand(meaning.access, column));
      return { key, kind: 'node-id', identity, values };
    }
    default:
      throw new InvariantError(`field '${defined.field.name}' (${meaning.kind}) is no part of a row`);
  }
}

/** The `path` argument. It decides which element is read, not only a value, so that its variable is structural. */
function readJsonPath(given: readonly GivenArgument[], context: PlanContext): readonly string[] | null {
  const argument = given.find(({ definition }) => definition.meaning.kind === 'json-path');
  if (argument === undefined) return null;
  const elements = parseJsonPath(planningString(argument.input, argument.path, context), argument.path);
  return elements.length === 0 ? null : elements;
}
