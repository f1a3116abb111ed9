import { InvariantError } from '../support/index.ts';
import { nullableValue, valueReader } from './column-values.ts';
import { fault, type PlanContext } from './context.ts';
import type { GivenArgument } from './field-arguments.ts';
import { openList, openObject, resolveEntry, resolveInput } from './input.ts';
import { inputObjectOf } from './input-object-of.ts';
import { columnOperand } from './operands.ts';
import { readDirection } from './order-by.ts';
import { strictLimit, strictValue } from './strict-scalars.ts';
import { elementType } from './type-text.ts';
import type { StreamCursor } from './types.ts';

/** The cursor and batch size of a stream: one column with its last value. Source: spec/graphql-api.md 14.6. */
export function planStreamCursor(given: readonly GivenArgument[], context: PlanContext): StreamCursor {
  const batchSize = required(given, 'stream-batch-size');
  const cursors = required(given, 'stream-cursor');
  const element = { type: elementType(cursors.definition.type), defaultValue: null };
  const [item, ...others] = openList(cursors.input, cursors.path, context);
  if (item === undefined) throw fault(cursors.path, 'one streaming column field is expected');
  if (others.length > 0) throw fault(cursors.path, 'multiple column cursors are not supported yet');
  const input = resolveInput(item.raw, element, item.path, context);
  if (input.kind === 'null') throw fault(cursors.path, 'one streaming column field is expected');

  let column: Pick<StreamCursor, 'operand' | 'column' | 'initialValue'> | null = null;
  let direction: StreamCursor['direction'] = 'asc';
  for (const entry of openObject(input, inputObjectOf(cursors.definition), item.path, context)) {
    const value = resolveEntry(entry, context);
    if (entry.field.meaning.kind === 'cursor-initial-value') {
      const [initial, ...more] = openObject(value, inputObjectOf(entry.field), entry.path, context);
      if (initial === undefined) throw fault(entry.path, 'one streaming column field is expected');
      if (more.length > 0) throw fault(entry.path, 'multiple column cursors are not supported yet');
      const { meaning } = initial.field;
      if (meaning.kind !== 'column') throw new InvariantError(`'${initial.field.name}' is no column`);
      const reader = valueReader(initial.field.type, meaning.grant.column.type);
      column = {
        operand: columnOperand(meaning.grant),
        column: meaning.grant.column.name,
        initialValue: nullableValue(resolveEntry(initial, context), reader, initial.path, context),
      };
    } else if (value.kind !== 'null') {
      direction = readDirection(entry.field, value, entry.path, context).direction;
    }
  }
  if (column === null) throw new InvariantError('a cursor without initial value was let through');
  return { ...column, direction, batchSize: strictValue(batchSize.input, strictLimit, batchSize.path) };
}

function required(
  given: readonly GivenArgument[],
  kind: 'stream-batch-size' | 'stream-cursor',
): GivenArgument {
  const argument = given.find(({ definition }) => definition.meaning.kind === kind);
  if (argument === undefined) throw new InvariantError(`the stream has no argument of kind ${kind}`);
  return argument;
}
