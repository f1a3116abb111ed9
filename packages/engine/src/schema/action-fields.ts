/** Root fields of actions. Source: spec/actions.md 6. */
import { type Action, mayRunAction } from '../model/index.ts';
import { jsonType, timestamptzType, uuidType } from '../permissions/index.ts';
import { InvariantError } from '../support/index.ts';
import type { SchemaContext } from './context.ts';
import { declaredInput, declaredReference } from './custom-types.ts';
import { field, inputValue, lazyField, objectType } from './lazy-types.ts';
import { byName } from './members.ts';
import { nullable, required } from './type-references.ts';
import { scalarOf } from './scalars.ts';
import type { ActionTarget } from './meanings.ts';
import type { Field, ObjectType, ScalarType, TypeReference } from './types.ts';

export function* actionFields(
  context: SchemaContext,
  root: 'query' | 'mutation' | 'subscription',
): Iterable<Field> {
  for (const action of context.model.actions.values()) {
    if (!mayRunAction(context.role, action)) continue;
    const { kind } = action;
    if (kind === 'async-mutation') {
      yield root === 'mutation'
        ? runField(context, action, 'start', () => required(uuid))
        : resultField(context, action);
    } else if (kind === root) {
      yield runField(context, action, 'run', () => declaredReference(context, action.output));
    }
  }
}

function runField(
  context: SchemaContext,
  action: Action,
  form: ActionTarget['form'],
  makeType: () => TypeReference,
): Field {
  return lazyField(action.name, action.comment, meaningOf(action, form), makeType, () =>
    byName(action.arguments.map((argument) => declaredInput(context, argument))),
  );
}

/** What became of an asynchronous action, by the id that starting it gave. */
function resultField(context: SchemaContext, action: Action): Field {
  return lazyField(
    action.name,
    action.comment,
    meaningOf(action, 'result'),
    () => nullable(context.once(action, 'result', () => resultObject(context, action))),
    () => byName([inputValue('id', idDescription, required(uuid), { kind: 'delegated', name: 'id' })]),
  );
}

function resultObject(context: SchemaContext, action: Action): ObjectType {
  return objectType(action.name, `fields of action: "${action.name}"`, () => {
    const output = declaredReference(context, action.output);
    const types: readonly (readonly [string, string, TypeReference])[] = [
      ['id', idDescription, required(uuid)],
      ['created_at', 'the time at which this action was created', required(timestamptz)],
      ['errors', 'errors related to the invocation', nullable(json)],
      ['output', 'the output fields of this action', output.kind === 'non-null' ? output.of : output],
    ];
    return types.map(([name, description, type]) =>
      field(name, description, type, { kind: 'delegated-field', name }),
    );
  });
}

function meaningOf(action: Action, form: ActionTarget['form']): Field['meaning'] {
  return { kind: 'delegated', target: { executor: 'action', action, form } };
}

const idDescription = 'the unique id of an action';
const uuid = scalar(uuidType);
const timestamptz = scalar(timestamptzType);
const json = scalar(jsonType);

function scalar(type: typeof jsonType): ScalarType {
  const made = scalarOf(type);
  if (made === null) throw new InvariantError(`the type "${type.name}" has no name in GraphQL`);
  return made;
}
