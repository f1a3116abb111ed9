import type { AbstractType, DelegatedTarget, ObjectType } from '../../schema/index.ts';
import { InvariantError, Path, RequestError } from '../../support/index.ts';
import {
  collectFields,
  collectFieldsOf,
  type DefinedField,
  expectLeaf,
  type SelectedField,
} from '../collect-fields.ts';
import { nested, type PlanContext } from '../context.ts';
import { planRemoteFieldJoin, planRowsJoin } from '../joins/plan-join.ts';
import { namedType } from '../type-text.ts';
import type { RootPlan } from '../types.ts';
import { readDelegatedArguments } from './arguments.ts';
import { planAbstractSelection } from './plan-abstract.ts';
import { ofOneType } from './selection.ts';
import type { DelegatedField, DelegatedItem, DelegatedSelection } from './types.ts';

/** A root field that the target answers. Throws a RequestError as for any other field. */
export function planDelegated(
  selected: DefinedField,
  target: DelegatedTarget,
  context: PlanContext,
): Extract<RootPlan, { kind: 'delegated' }> {
  const { field, responseKey: key } = selected;
  if (context.operation.kind === 'subscription' && target.executor === 'remote-schema') {
    throw new RequestError('not-supported', Path.root, 'subscription to remote server is not supported');
  }
  return {
    kind: 'delegated',
    key,
    name: field.name,
    target,
    field: planDelegatedField(selected, inputsOf(target), context),
  };
}

/** `checked`: values are read by the rules of their types here; `forwarded`: scalars go to the service as they are, which reads them itself. */
export type InputTreatment = 'checked' | 'forwarded';

function inputsOf({ executor }: DelegatedTarget): InputTreatment {
  return executor === 'remote-schema' ? 'forwarded' : 'checked';
}

/** The field with its arguments and what is selected below it. */
export function planDelegatedField(
  selected: DefinedField,
  treatment: InputTreatment,
  context: PlanContext,
): DelegatedField {
  const { field, responseKey: key, path } = selected;
  return {
    key,
    name: field.name,
    definition: field,
    path,
    arguments: readDelegatedArguments(selected, treatment, context),
    selection: planSelection(selected, treatment, context),
  };
}

function planSelection(
  selected: DefinedField,
  treatment: InputTreatment,
  context: PlanContext,
): DelegatedSelection | null {
  const type = namedType(selected.field.type);
  switch (type.kind) {
    case 'scalar':
    case 'enum':
      expectLeaf(selected);
      return null;
    case 'object': {
      const items = nested(context, selected.path, () => planItems(selected, null, type, treatment, context));
      return { ...ofOneType, type, byType: new Map([[type.name, items]]) };
    }
    case 'interface':
    case 'union': {
      return nested(context, selected.path, () =>
        planAbstractSelection(
          selected,
          type,
          (concrete) => planItems(selected, type, concrete, treatment, context),
          context,
        ),
      );
    }
    case 'input-object':
      throw new InvariantError(`field '${selected.field.name}' has the type of an input`);
  }
}

function planItems(
  { selectionSets, path }: SelectedField,
  abstract: AbstractType | null,
  type: ObjectType,
  treatment: InputTreatment,
  context: PlanContext,
): readonly DelegatedItem[] {
  const fields =
    abstract === null
      ? collectFields(type, selectionSets, path, context)
      : collectFieldsOf(abstract, type, selectionSets, path, context);
  return fields.map((below): DelegatedItem => {
    const { responseKey: key, field } = below;
    if (field === null) {
      expectLeaf(below);
      return { kind: 'typename', key };
    }
    const defined: DefinedField = { ...below, field };
    if (field.meaning.kind === 'remote-rows') {
      const { fields } = field.meaning.relationship;
      // in a subscription the answer of an action is looked for again and again, and its rows with it
      return {
        kind: 'join',
        key,
        fields,
        join: planRowsJoin(defined, field.meaning, context, treatment === 'checked'),
      };
    }
    if (field.meaning.kind === 'remote-field') {
      const { relationship } = field.meaning;
      const join = planRemoteFieldJoin(defined, field.meaning, context);
      return { kind: 'join', key, fields: relationship.fields, join };
    }
    return { kind: 'field', key, field: planDelegatedField(defined, treatment, context) };
  });
}
