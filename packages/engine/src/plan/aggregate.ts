import type { ObjectType, SelectAccess } from '../schema/index.ts';
import { InvariantError } from '../support/index.ts';
import { computedFieldValues } from './call-arguments.ts';
import { expectLeaf, type SelectedField, withFieldsBelow } from './collect-fields.ts';
import type { PlanContext } from './context.ts';
import { readArguments } from './field-arguments.ts';
import { columnOperand, computedOperand, scalarTypeOf } from './operands.ts';
import { formatOf } from './output-format.ts';
import { planRowOutput } from './rows.ts';
import { readColumns } from './select-columns.ts';
import { planningBoolean } from './strict-scalars.ts';
import type {
  AggregateColumnItem,
  AggregateFieldItem,
  AggregateItem,
  AggregateSelect,
  RowSet,
} from './types.ts';

/**
 * `t_aggregate`: aggregates and nodes of one set of rows. The rule's limit concerns nodes only (spec/permissions.md 5).
 * Source: spec/graphql-api.md 5.3.
 */
export function planAggregateSelect(
  selected: SelectedField,
  access: SelectAccess,
  set: RowSet,
  context: PlanContext,
): AggregateSelect {
  const output = withFieldsBelow(selected, context, (fields, type) =>
    fields.map((field): AggregateItem => {
      const key = field.responseKey;
      if (field.field === null) return typename(field, type);
      readArguments({ ...field, field: field.field }, context);
      switch (field.field.meaning.kind) {
        case 'aggregate':
          return { key, kind: 'aggregate', output: planAggregateFields(field, context) };
        case 'nodes':
          return { key, kind: 'nodes', output: planRowOutput(field, access, context) };
        default:
          throw new InvariantError(`field '${field.field.name}' is no part of an aggregate`);
      }
    }),
  );
  return { kind: 'aggregate', set, permissionLimit: access.rule.limit, output };
}

function planAggregateFields(selected: SelectedField, context: PlanContext): readonly AggregateFieldItem[] {
  return withFieldsBelow(selected, context, (fields, type) =>
    fields.map((field) => planAggregateField(field, type, context)),
  );
}

function planAggregateField(
  selected: SelectedField,
  type: ObjectType,
  context: PlanContext,
): AggregateFieldItem {
  const key = selected.responseKey;
  const { field } = selected;
  if (field === null) return typename(selected, type);
  const given = readArguments({ ...selected, field }, context);
  switch (field.meaning.kind) {
    case 'count': {
      expectLeaf(selected);
      // both may be left out, but not be null
      const columns = given.find(({ definition }) => definition.meaning.kind === 'count-columns');
      const distinct = given.find(({ definition }) => definition.meaning.kind === 'count-distinct');
      const named =
        columns === undefined
          ? []
          : readColumns(columns.definition.type, columns.input, columns.path, context);
      return {
        key,
        kind: 'count',
        operands: named.map(({ operand }) => operand),
        isDistinct: distinct !== undefined && planningBoolean(distinct.input, distinct.path, context),
      };
    }
    case 'aggregate-function':
      return {
        key,
        kind: 'function',
        function: field.meaning.function,
        output: withFieldsBelow(selected, context, (columns, columnsType) =>
          columns.map((column) => planAggregateColumn(column, columnsType, context)),
        ),
      };
    default:
      throw new InvariantError(`field '${field.name}' is no aggregate function`);
  }
}

/** The column's type, not the function's, decides how the result is written (spec/graphql-api.md 3.2). */
function planAggregateColumn(
  selected: SelectedField,
  type: ObjectType,
  context: PlanContext,
): AggregateColumnItem {
  const key = selected.responseKey;
  const { field } = selected;
  if (field === null) return typename(selected, type);
  const given = readArguments({ ...selected, field }, context);
  expectLeaf(selected);
  const { meaning } = field;
  switch (meaning.kind) {
    case 'aggregate-column':
      return {
        key,
        kind: 'value',
        operand: columnOperand(meaning.grant),
        format: formatOf(meaning.grant.column.type, context),
      };
    case 'aggregate-computed':
      return {
        key,
        kind: 'value',
        operand: computedOperand(
          meaning.grant,
          computedFieldValues(meaning.grant.field, given, selected.path, context),
        ),
        format: formatOf(scalarTypeOf(meaning.grant.field), context),
      };
    default:
      throw new InvariantError(`field '${field.name}' is no aggregated column`);
  }
}

function typename(
  selected: SelectedField,
  type: ObjectType,
): { readonly key: string; readonly kind: 'typename'; readonly value: string } {
  expectLeaf(selected);
  return { key: selected.responseKey, kind: 'typename', value: type.name };
}
