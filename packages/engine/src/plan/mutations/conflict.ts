import { type Column, firstUpdateRule, updateRuleFor } from '../../permissions/index.ts';
import type { EnumValueMeaning, InputValue, InsertTarget } from '../../schema/index.ts';
import { InvariantError, type Path } from '../../support/index.ts';
import { fault, type PlanContext } from '../context.ts';
import { planningEnum } from '../enum-values.ts';
import type { GivenArgument } from '../field-arguments.ts';
import { type Input, openList, openObject, resolveEntry, resolveInput } from '../input.ts';
import { inputObjectOf } from '../input-object-of.ts';
import { elementType, namedType } from '../type-text.ts';
import { planBooleanExpression } from '../where.ts';
import { noRuleFor } from './no-rule.ts';
import type { Conflict, ConflictTarget } from './types.ts';

/** An `on_conflict`. Null is none: neither it nor its `where` may be taken for one that was left out. Source: spec/permissions.md 2.5. */
export function planConflict(
  { definition, input, path }: Pick<GivenArgument, 'definition' | 'input' | 'path'>,
  target: InsertTarget,
  context: PlanContext,
): Conflict {
  let constraint: string | null = null;
  const columns: Column[] = [];
  let where: NonNullable<Conflict['update']>['where'] = { kind: 'constant', value: true };
  for (const entry of openObject(input, inputObjectOf(definition), path, context)) {
    const value = resolveEntry(entry, context);
    const { meaning } = entry.field;
    switch (meaning.kind) {
      case 'conflict-constraint':
        constraint = readConstraint(entry.field, value, entry.path, context);
        break;
      case 'conflict-columns':
        columns.push(...readColumns(entry.field, value, entry.path, path, context));
        break;
      case 'where':
        where = planBooleanExpression(value, inputObjectOf(entry.field), entry.path, context);
        break;
      default:
        throw new InvariantError(`'${entry.field.name}' is no part of on_conflict`);
    }
  }
  if (constraint === null) throw new InvariantError('on_conflict without its required constraint');
  const on = conflictTarget(target, constraint);
  if (columns.length === 0) return { target: on, update: null };
  // The columns are those of the update rule.
  if (target.update === null) throw new InvariantError('columns to update without an update rule');
  const rule = updateRuleFor(target.update, columns);
  if (rule === null) throw noRuleFor('update', target.table, columns, path);
  return { target: on, update: { rule: firstUpdateRule(rule), columns, where } };
}

/**
 * What PostgreSQL is to look at. A unique index that no constraint has made is found by its columns, as `ON CONSTRAINT` does not take it; one of some rows or
 * of expressions is left to PostgreSQL to refuse, as v2 does with all of them.
 */
function conflictTarget({ table }: InsertTarget, name: string): ConflictTarget {
  const key = table.catalog.uniqueKeys.find((one) => one.name === name);
  if (key === undefined || key.isConstraint || key.isPartial === true) return { kind: 'constraint', name };
  const columns = key.columns.map((column) => table.columns.get(column));
  if (!columns.every((column) => column !== undefined)) return { kind: 'constraint', name };
  return { kind: 'columns', columns };
}

function readConstraint(field: InputValue, input: Input, path: Path, context: PlanContext): string {
  const meaning = enumMeaning(field, input, path, context);
  if (meaning.kind !== 'constraint') throw new InvariantError(`a value of '${field.name}' is no constraint`);
  return meaning.name;
}

function readColumns(
  field: InputValue,
  input: Input,
  path: Path,
  conflictPath: Path,
  context: PlanContext,
): readonly Column[] {
  const element = { type: elementType(field.type), defaultValue: null };
  const columns = new Set<Column>();
  for (const item of openList(input, path, context)) {
    const value = resolveInput(item.raw, element, item.path, context);
    const meaning = enumMeaning(field, value, item.path, context);
    if (meaning.kind === 'placeholder') throw fault(conflictPath, 'erroneous column name');
    if (meaning.kind !== 'update-column') {
      throw new InvariantError(`a value of '${field.name}' is no column to update`);
    }
    columns.add(meaning.column);
  }
  return [...columns];
}

function enumMeaning(field: InputValue, input: Input, path: Path, context: PlanContext): EnumValueMeaning {
  const type = namedType(field.type);
  if (type.kind !== 'enum') throw new InvariantError(`'${field.name}' is no enum`);
  return planningEnum(input, type, path, context);
}
