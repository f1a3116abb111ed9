import type { Field, SelectAccess } from '../schema/index.ts';
import { InvariantError } from '../support/index.ts';
import { planAggregateSelect } from './aggregate.ts';
import { nativeQueryRows, trackedFunctionRows } from './call-arguments.ts';
import { type DefinedField, expectLeaf, type SelectedField, withFieldsBelow } from './collect-fields.ts';
import type { PlanContext } from './context.ts';
import { planDelegated } from './delegated/plan-delegated.ts';
import { planEntities } from './federation/entities.ts';
import { planService } from './federation/service.ts';
import { type GivenArgument, readArguments } from './field-arguments.ts';
import { planIntrospection } from './introspection.ts';
import { planKey } from './key.ts';
import { planMutation } from './mutations/plan-mutation.ts';
import { planConnection } from './relay/connection.ts';
import { planNode } from './relay/node.ts';
import { planRowsSelect } from './rows.ts';
import { planStreamCursor } from './stream.ts';
import { plainRowSet, planRowSet, planWhere } from './table-arguments.ts';
import { isListType } from './type-text.ts';
import type { RootPlan, Select } from './types.ts';

/** A field of a root type, or below a namespace. `typeName` is the type's that has the field. */
export function planRootField(selected: SelectedField, typeName: string, context: PlanContext): RootPlan {
  const key = selected.responseKey;
  const { field } = selected;
  if (field === null) {
    expectLeaf(selected);
    return { kind: 'constant', key, json: JSON.stringify(typeName) };
  }
  const { meaning } = field;
  switch (meaning.kind) {
    case 'schema':
    case 'type':
      return planIntrospection({ ...selected, field }, context);
    case 'placeholder':
      expectLeaf(selected);
      readArguments({ ...selected, field }, context);
      return { kind: 'constant', key, json: JSON.stringify(meaning.text) };
    case 'namespace': {
      readArguments({ ...selected, field }, context);
      const fields = withFieldsBelow(selected, context, (below, type) =>
        below.map((member) => planRootField(member, type.name, context)),
      );
      return { kind: 'namespace', key, name: field.name, fields };
    }
    case 'federation-service':
      return { kind: 'constant', key, json: planService({ ...selected, field }, context) };
    case 'entities':
      return planEntities({ ...selected, field }, meaning, context);
    case 'delegated':
      return planDelegated({ ...selected, field }, meaning.target, context);
    default:
      return planTableField({ ...selected, field }, context);
  }
}

function planTableField(selected: DefinedField, context: PlanContext): RootPlan {
  const given = readArguments(selected, context);
  const { field, responseKey: key } = selected;
  const { name, meaning } = field;
  if (meaning.kind === 'insert' || meaning.kind === 'update' || meaning.kind === 'delete') {
    return planMutation(selected, meaning, given, context);
  }
  if (meaning.kind === 'node') return planNode(selected, meaning, given, context);
  const { source } = accessOf(field).table;
  const select = planSelect(selected, given, context);
  if (context.operation.kind !== 'mutation') return { kind: 'select', key, name, source, select };
  return { kind: 'mutation', key, name, source, mutation: { kind: 'function', select }, validations: [] };
}

function accessOf({ name, meaning }: Field): SelectAccess {
  if ('access' in meaning && 'rule' in meaning.access) return meaning.access;
  throw new InvariantError(`root field '${name}' (${meaning.kind}) selects from no table`);
}

function planSelect(selected: DefinedField, given: readonly GivenArgument[], context: PlanContext): Select {
  const { field, path } = selected;
  const { meaning } = field;
  switch (meaning.kind) {
    case 'select': {
      const set = planRowSet(meaning.access.rule.rows, [], given, path, context);
      return planRowsSelect(selected, meaning.access, set, 'list', context);
    }
    case 'select-by-pk': {
      const set = plainRowSet(meaning.access.rule.rows, [], planKey(given, context));
      return planRowsSelect(selected, meaning.access, set, 'one', context);
    }
    case 'select-aggregate': {
      const set = planRowSet(meaning.access.rule.rows, [], given, path, context);
      return planAggregateSelect(selected, meaning.access, set, context);
    }
    case 'select-stream': {
      const cursor = planStreamCursor(given, selected.path, context);
      const set = plainRowSet(meaning.access.rule.rows, [], planWhere(given, context));
      return planRowsSelect(selected, meaning.access, set, 'list', context, cursor);
    }
    case 'connection': {
      return planConnection(selected, meaning.access, meaning.access.rule.rows, [], given, context);
    }
    case 'function-connection': {
      const rows = trackedFunctionRows(meaning.access, meaning.fn, given, path, context);
      return planConnection(selected, meaning.access, rows, [], given, context);
    }
    case 'function': {
      const rows = trackedFunctionRows(meaning.access, meaning.fn, given, path, context);
      const set = planRowSet(rows, [], given, path, context);
      const cardinality = isListType(field.type) ? 'list' : 'one';
      return planRowsSelect(selected, meaning.access, set, cardinality, context);
    }
    case 'native-query': {
      const rows = nativeQueryRows(meaning.access, meaning.query, given, context);
      const set = planRowSet(rows, [], given, path, context);
      return planRowsSelect(selected, meaning.access, set, 'list', context);
    }
    case 'function-aggregate': {
      const rows = trackedFunctionRows(meaning.access, meaning.fn, given, path, context);
      return planAggregateSelect(
        selected,
        meaning.access,
        planRowSet(rows, [], given, path, context),
        context,
      );
    }
    default:
      throw new InvariantError(`root field '${field.name}' (${meaning.kind}) has no plan`);
  }
}
