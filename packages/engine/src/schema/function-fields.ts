/** Root fields of tracked functions. Source: spec/graphql-api.md 9.1, spec/permissions.md 8.1. */
import type { TrackedFunction } from '../model/index.ts';
import { aggregateObject } from './aggregates.ts';
import type { SchemaContext } from './context.ts';
import { describe, describeTable } from './descriptions.ts';
import { argumentsInput, argumentsType } from './function-arguments.ts';
import { field } from './lazy-types.ts';
import { byName } from './members.ts';
import { listOfRequired, nullable, required } from './type-references.ts';
import { functionConnectionField } from './relay.ts';
import { tableArguments } from './table-inputs.ts';
import { tableObject } from './table-object.ts';
import type { SelectAccess } from './meanings.ts';
import type { Field, InputValue } from './types.ts';

export function* functionFields(
  context: SchemaContext,
  fn: TrackedFunction,
  root: 'query' | 'mutation' | 'subscription',
): Iterable<Field> {
  if ((fn.exposedAs === 'mutation') !== (root === 'mutation')) return;
  const access = context.selectAccess(fn.returns);
  if (access === null || !context.model.mayCallFunction(context.role, fn)) return;
  const { returnsSet } = fn.catalog;
  if (context.api === 'relay' && root !== 'mutation') {
    yield* functionConnectionField(context, fn, access, ownArguments(context, fn, fn.ownNames.function));
    return;
  }
  const named = describeTable(fn);
  const returned = describeTable(fn.returns);
  const verb = root === 'mutation' ? 'execute VOLATILE function' : 'execute function';
  const type = tableObject(context, access);
  yield field(
    fn.rootFields.function,
    describe(fn.comment, `${verb} ${named} which returns ${returned}`),
    returnsSet ? required(listOfRequired(type)) : nullable(type),
    { kind: 'function', fn, access },
    inputsOf(context, fn, access, fn.ownNames.function),
  );
  if (root === 'mutation' || !access.rule.allowsAggregations) return;
  yield field(
    fn.rootFields.aggregate,
    `execute function ${named} and query aggregates on result of table type ${returned}`,
    required(aggregateObject(context, access)),
    { kind: 'function-aggregate', fn, access },
    inputsOf(context, fn, access, fn.ownNames.aggregate),
  );
}

function inputsOf(
  context: SchemaContext,
  fn: TrackedFunction,
  access: SelectAccess,
  ownName: string,
): ReadonlyMap<string, InputValue> {
  return byName([...ownArguments(context, fn, ownName), ...tableArguments(context, access).values()]);
}

/** `args`, unless the function takes nothing. */
function ownArguments(context: SchemaContext, fn: TrackedFunction, ownName: string): readonly InputValue[] {
  const type = context.once(fn, 'arguments-type', () => {
    const naming = context.namingOf(fn.returns);
    const parameters = fn.catalog.arguments
      .map((argument, position) => ({ argument, position }))
      .filter(({ position }) => position !== fn.sessionArgument);
    return argumentsType(context, naming, naming.typeName({ custom: fn.ownNames.arguments }), parameters);
  });
  return argumentsInput(type, `input parameters for function "${ownName}"`);
}
