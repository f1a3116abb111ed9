import { deleteRuleFor, type SelectRule } from '../../permissions/index.ts';
import type { DeleteTarget, FieldMeaning, InsertTarget, UpdateTarget } from '../../schema/index.ts';
import { InvariantError } from '../../support/index.ts';
import type { DefinedField } from '../collect-fields.ts';
import type { PlanContext } from '../context.ts';
import type { GivenArgument } from '../field-arguments.ts';
import { planKey } from '../key.ts';
import { planWhere } from '../table-arguments.ts';
import type { RootPlan } from '../types.ts';
import { planConflict } from './conflict.ts';
import { planInsertRows } from './insert-rows.ts';
import { emptyAnswer, planResponse, planRow } from './output.ts';
import type { InputValidationCall, Mutation, MutationOutput, NullChecks } from './types.ts';
import { type PlannedUpdate, planKeyArgument, planUpdate, planUpdateMany } from './update.ts';
import { deleteValidations, insertValidations, updateValidations } from './validations.ts';

type Meaning = Extract<FieldMeaning, { kind: 'insert' | 'update' | 'delete' }>;

/** A root field that changes rows of a table. What certainly changes nothing becomes a constant. */
export function planMutation(
  selected: DefinedField,
  meaning: Meaning,
  given: readonly GivenArgument[],
  context: PlanContext,
): RootPlan {
  const planned = plan(selected, meaning, given, context);
  const { responseKey: key, field } = selected;
  if ('json' in planned) return { kind: 'constant', key, json: planned.json };
  return { kind: 'mutation', key, name: field.name, source: meaning.target.table.source, ...planned };
}

type Planned =
  | { readonly json: string }
  | { readonly mutation: Mutation; readonly validations: readonly InputValidationCall[] };

function plan(
  selected: DefinedField,
  meaning: Meaning,
  given: readonly GivenArgument[],
  context: PlanContext,
): Planned {
  switch (meaning.kind) {
    case 'insert':
      return planInsert(selected, meaning.isSingle, meaning.target, given, context);
    case 'update':
      return planUpdates(selected, meaning.form, meaning.target, given, context);
    case 'delete':
      return planDelete(selected, meaning.form, meaning.target, given, context);
  }
}

function planInsert(
  selected: DefinedField,
  isSingle: boolean,
  target: InsertTarget,
  given: readonly GivenArgument[],
  context: PlanContext,
): Planned {
  const conflictArgument = given.find(({ definition }) => definition.meaning.kind === 'on-conflict');
  const conflict = conflictArgument === undefined ? null : planConflict(conflictArgument, target, context);
  const rows = planInsertRows(
    requiredArgument(given, isSingle ? 'object' : 'objects'),
    target,
    conflict,
    context,
  );
  const output = outputOf(selected, isSingle, target, context);
  if (rows === null) return { json: emptyAnswer(output) };
  return {
    mutation: { kind: 'insert', rows, output, nullChecks: nullChecks(context) },
    validations: insertValidations(selected, target, rows, context),
  };
}

function planUpdates(
  selected: DefinedField,
  form: 'where' | 'by-pk' | 'many',
  target: UpdateTarget,
  given: readonly GivenArgument[],
  context: PlanContext,
): Planned {
  const parts = { target, nullChecks: nullChecks(context) };
  const validationsFor = (updates: readonly PlannedUpdate[]) => {
    const writes = updates.flatMap((update) =>
      update.kind === 'nothing' ? [] : [update.assignments.map(({ column }) => column)],
    );
    return updateValidations(selected, form, target, writes, context);
  };
  if (form === 'many') {
    const planned = planUpdateMany(requiredArgument(given, 'updates'), parts, context);
    const output = outputOf(selected, false, target, context);
    const updates = planned.map((update) => ({ ...update, output }));
    if (updates.every(({ kind }) => kind === 'nothing')) return { json: '[]' };
    return { mutation: { kind: 'update-many', updates }, validations: validationsFor(updates) };
  }
  const planCondition = () =>
    form === 'where' ? planWhere(given, context) : planKeyArgument(given, context);
  const update = planUpdate(given, planCondition, parts, selected.path.child('args'), context);
  const output = outputOf(selected, form === 'by-pk', target, context);
  if (update.kind === 'nothing') return { json: emptyAnswer(output) };
  return { mutation: { ...update, output }, validations: validationsFor([update]) };
}

function planDelete(
  selected: DefinedField,
  form: 'where' | 'by-pk',
  target: DeleteTarget,
  given: readonly GivenArgument[],
  context: PlanContext,
): Planned {
  const where = form === 'where' ? planWhere(given, context) : planKey(given, context);
  const output = outputOf(selected, form === 'by-pk', target, context);
  return {
    mutation: { kind: 'delete', table: target.table, rule: deleteRuleFor(target.rule), where, output },
    validations: deleteValidations(selected, form, target, context),
  };
}

function outputOf(
  selected: DefinedField,
  isRow: boolean,
  target: { readonly table: InsertTarget['table']; readonly select: SelectRule | null },
  context: PlanContext,
): MutationOutput {
  return isRow ? planRow(selected, target, context) : planResponse(selected, target, context);
}

function requiredArgument(
  given: readonly GivenArgument[],
  kind: 'object' | 'objects' | 'updates',
): GivenArgument {
  const argument = given.find(({ definition }) => definition.meaning.kind === kind);
  // readArguments has refused a field without its required arguments.
  if (argument === undefined) throw new InvariantError(`argument '${kind}' is missing`);
  return argument;
}

function nullChecks({ options }: PlanContext): NullChecks {
  return options.nullChecksPass === true ? 'pass' : 'fail';
}
