import type { InputObjectType } from '../schema/index.ts';
import { InvariantError, type Path } from '../support/index.ts';
import { storedValue, valueReader } from './column-values.ts';
import { fault, type PlanContext } from './context.ts';
import type { GivenArgument } from './field-arguments.ts';
import { type Input, type ObjectEntry, openList, openObject, resolveEntry, resolveInput } from './input.ts';
import { inputObjectOf } from './input-object-of.ts';
import { columnOperand } from './operands.ts';
import { readDirection } from './order-by.ts';
import { strictLimit, strictValue } from './strict-scalars.ts';
import { elementType } from './type-text.ts';
import type { StreamCursor } from './types.ts';

/** The cursor and batch size of a stream: one column with its last value. `path` is the field's. Source: spec/graphql-api.md 14.6. */
export function planStreamCursor(
  given: readonly GivenArgument[],
  path: Path,
  context: PlanContext,
): StreamCursor {
  const batchSize = required(given, 'stream-batch-size');
  const { definition, input, path: place } = required(given, 'stream-cursor');
  const element = { type: elementType(definition.type), defaultValue: null };
  // What counts is how many columns there are in all.
  const cursors = openList(input, place, context).flatMap((item) => {
    const cursor = resolveInput(item.raw, element, item.path, context);
    return cursor.kind === 'null' ? [] : planCursor(cursor, inputObjectOf(definition), item.path, context);
  });
  const [only] = cursors;
  if (only === undefined) throw fault(path.child('args'), 'one streaming column field is expected');
  if (cursors.length > 1) throw fault(path.child('args'), 'multiple column cursors are not supported yet');
  return { ...only, batchSize: strictValue(batchSize.input, strictLimit, batchSize.path) };
}

type ColumnCursor = Omit<StreamCursor, 'batchSize'>;

/** A `t_stream_cursor_input`: every column of its initial value is a cursor. */
function planCursor(
  input: Input,
  type: InputObjectType,
  path: Path,
  context: PlanContext,
): readonly ColumnCursor[] {
  let columns: readonly Omit<ColumnCursor, 'direction'>[] = [];
  let direction: StreamCursor['direction'] = 'asc';
  for (const entry of openObject(input, type, path, context)) {
    const value = resolveEntry(entry, context);
    if (entry.field.meaning.kind === 'cursor-initial-value') {
      const initial = openObject(value, inputObjectOf(entry.field), entry.path, context);
      columns = initial.map((column) => planInitialValue(column, context));
    } else {
      direction = readDirection(entry.field, value, entry.path, context).direction;
    }
  }
  return columns.map((column) => ({ ...column, direction }));
}

function planInitialValue(entry: ObjectEntry, context: PlanContext): Omit<ColumnCursor, 'direction'> {
  const { meaning } = entry.field;
  if (meaning.kind !== 'column') throw new InvariantError(`'${entry.field.name}' is no column`);
  const { column } = meaning.grant;
  return {
    operand: columnOperand(meaning.grant),
    column: column.name,
    initialValue: storedValue(
      resolveEntry(entry, context),
      column,
      valueReader(entry.field.type, column.type),
      entry.path,
      context,
    ),
  };
}

function required(
  given: readonly GivenArgument[],
  kind: 'stream-batch-size' | 'stream-cursor',
): GivenArgument {
  const argument = given.find(({ definition }) => definition.meaning.kind === kind);
  if (argument === undefined) throw new InvariantError(`the stream has no argument of kind ${kind}`);
  return argument;
}
