import { allOf, type BooleanExpression, type Column, underlyingType } from '../../permissions/index.ts';
import type { EntityTable, FieldMeaning } from '../../schema/index.ts';
import { type DefinedField, type SelectedField, withFieldsOf } from '../collect-fields.ts';
import { fault, type PlanContext } from '../context.ts';
import { readDelegatedArguments } from '../delegated/arguments.ts';
import { ofOneType } from '../delegated/selection.ts';
import type { DelegatedItem } from '../delegated/types.ts';
import { nameless } from '../joins/plan-join.ts';
import type { RowsJoin } from '../joins/types.ts';
import { columnOperand } from '../operands.ts';
import { planRowFields } from '../rows.ts';
import { plainRowSet } from '../table-arguments.ts';
import { namedType } from '../type-text.ts';
import type { RootPlan } from '../types.ts';

/**
 * Rows by representations of them, `{"__typename": "user", "id": 1}`. Those of one type are looked up together, under the role's rule. Types of which
 * nothing is selected are left out. Source: spec/remote-schemas.md 11.
 */
export function planEntities(
  selected: DefinedField,
  { tables }: Extract<FieldMeaning, { kind: 'entities' }>,
  context: PlanContext,
): Extract<RootPlan, { kind: 'delegated' }> {
  const { field, responseKey: key, path, selectionSets } = selected;
  const type = namedType(field.type);
  const givenArguments = readDelegatedArguments(selected, 'checked', context);
  if (selectionSets.length === 0) {
    throw fault(path.child('selectionSet'), `missing selection set for '${type.name}'`);
  }
  const byType = new Map<string, readonly DelegatedItem[]>();
  for (const table of tables) {
    withFieldsOf(selected, table.type, context, (fields) => {
      if (fields.length > 0) byType.set(table.type.name, [planEntity(table, fields, context)]);
    });
  }
  return {
    kind: 'delegated',
    key,
    name: field.name,
    target: { executor: 'entities' },
    field: {
      key,
      name: field.name,
      definition: field,
      path,
      arguments: givenArguments,
      selection: { ...ofOneType, type, byType },
    },
  };
}

function planEntity(
  { access, type, key }: EntityTable,
  fields: readonly SelectedField[],
  context: PlanContext,
): DelegatedItem {
  const columns = key.map(
    ({ grant }, index): Column => ({
      ...nameless,
      name: `c${index}`,
      type: underlyingType(grant.column.type),
    }),
  );
  const pairs = key.map(({ grant }, index) => ({ from: columns[index] as Column, to: grant.column }));
  const join: RowsJoin = {
    kind: 'rows',
    source: access.table.source,
    columns,
    select: {
      kind: 'rows',
      set: plainRowSet(access.rule.rows, pairs, isKeyShown(key)),
      cardinality: 'one',
      permissionLimit: null,
      output: planRowFields(fields, type, access, context),
      stream: null,
    },
  };
  return { kind: 'join', key: 'entity', fields: key.map(({ name }) => name), join };
}

/** A key that the role does not see on a row finds nothing. */
function isKeyShown(key: EntityTable['key']): BooleanExpression {
  return allOf(
    key
      .filter(({ grant }) => grant.visibleWhen !== null)
      .map(
        ({ grant }): BooleanExpression => ({
          kind: 'null-test',
          operand: columnOperand(grant),
          isNull: false,
        }),
      ),
  );
}
