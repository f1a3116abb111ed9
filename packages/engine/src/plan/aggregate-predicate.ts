import type { PgType } from '../catalog/index.ts';
import type { TrackedRelationship } from '../model/index.ts';
import { always, type BooleanExpression, type Operand } from '../permissions/index.ts';
import type { InputObjectType, InputValue, SelectAccess } from '../schema/index.ts';
import { InvariantError, type Path } from '../support/index.ts';
import { builtInTypes } from './built-in-types.ts';
import { planComparison } from './comparison.ts';
import { fault, type PlanContext } from './context.ts';
import { type Input, openObject, resolveEntry } from './input.ts';
import { inputObjectOf } from './input-object-of.ts';
import { readColumn, readColumns } from './select-columns.ts';
import { planningBoolean } from './strict-scalars.ts';
import { isListType, namedType } from './type-text.ts';
import { planBooleanExpression } from './where.ts';

interface RelatedRows {
  readonly relationship: TrackedRelationship;
  readonly access: SelectAccess;
}

/** `<rel>_aggregate` in a boolean expression: exactly one predicate. Source: spec/graphql-api.md 4.7. */
export function planAggregateTest(
  input: Input,
  type: InputObjectType,
  related: RelatedRows,
  path: Path,
  context: PlanContext,
): BooleanExpression {
  const given = openObject(input, type, path, context);
  const [only] = given;
  if (only === undefined || given.length > 1) {
    throw fault(path, 'exactly one predicate should be specified');
  }
  const { meaning } = only.field;
  if (meaning.kind !== 'aggregate-predicate')
    throw new InvariantError(`'${only.field.name}' is no aggregate`);
  const value = resolveEntry(only, context);
  return planPredicate(meaning.function, value, inputObjectOf(only.field), related, only.path, context);
}

function planPredicate(
  name: string,
  input: Input,
  type: InputObjectType,
  { relationship, access }: RelatedRows,
  path: Path,
  context: PlanContext,
): BooleanExpression {
  let operands: readonly Operand[] = [];
  let isDistinct = false;
  let filter = always;
  let predicate = always;
  for (const entry of openObject(input, type, path, context)) {
    const value = resolveEntry(entry, context);
    switch (entry.field.meaning.kind) {
      case 'predicate-arguments':
        operands = readOperands(entry.field, value, entry.path, context);
        break;
      case 'predicate-distinct':
        isDistinct = planningBoolean(value, entry.path, context);
        break;
      case 'predicate-filter':
        filter = planBooleanExpression(value, inputObjectOf(entry.field), entry.path, context);
        break;
      case 'predicate':
        predicate = planComparison(
          value,
          inputObjectOf(entry.field),
          { operand: { kind: 'aggregate-result' }, type: resultType(name) },
          entry.path,
          context,
        );
        break;
      default:
        throw new InvariantError(`'${entry.field.name}' is no part of an aggregate predicate`);
    }
  }
  return {
    kind: 'aggregate-test',
    rows: access.rule.rows,
    join: relationship.mapping,
    filter,
    aggregate: { function: name, operands, isDistinct },
    predicate,
  };
}

/** A list of columns for `count`, one column, or the two of `corr` and `covar_samp`. */
function readOperands(field: InputValue, input: Input, path: Path, context: PlanContext): readonly Operand[] {
  const named = namedType(field.type);
  if (named.kind === 'input-object') {
    const parts = openObject(input, named, path, context).map((entry) => {
      const value = resolveEntry(entry, context);
      return {
        name: entry.field.name,
        operand: readColumn(entry.field.type, value, entry.path, context).operand,
      };
    });
    // X before Y, in whatever order they are written.
    return parts.sort((a, b) => (a.name < b.name ? -1 : 1)).map(({ operand }) => operand);
  }
  if (isListType(field.type)) {
    return readColumns(field.type, input, path, context).map(({ operand }) => operand);
  }
  return [readColumn(field.type, input, path, context).operand];
}

function resultType(name: string): PgType {
  if (name === 'count') return builtInTypes.int8;
  return name.startsWith('bool_') ? builtInTypes.bool : builtInTypes.float8;
}
