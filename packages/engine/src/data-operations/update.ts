import type { UpdateRequest } from '../metadata/index.ts';
import type { TrackedTable } from '../model/index.ts';
import { classesOf, denyColumn, parseValue, type UpdateRule, updateRuleFor } from '../permissions/index.ts';
import { type Assignment, noRuleFor, type UpdateMutation } from '../plan/index.ts';
import { type Json, type JsonObject, type Path, RequestError } from '../support/index.ts';
import { columnNamed, type TableReader } from './reader.ts';
import { planReturning } from './returning.ts';
import type { PlannedWrite } from './types.ts';
import { planValidations } from './validations.ts';
import { requireWritableView } from './views.ts';

const selectHint =
  '; "update" is only allowed if the role has "select" permission as "where" can\'t be used without "select" permission on the table';

/** Source: spec/metadata-api.md 5.2, spec/permissions.md 6. */
export function planUpdate(request: UpdateRequest, reader: TableReader): PlannedWrite<UpdateMutation> {
  const { path } = reader;
  const table = reader.table(request.table, reader.path.child('table'));
  requireWritableView(table, 'updatable', path);
  const allRules = reader.require(table, 'update');
  const select = reader.require(table, 'select', selectHint);
  const assignments = [
    ...planAssignments('set', Object.entries(request.set), table, allRules, path.child('$set')),
    ...planAssignments('inc', Object.entries(request.inc), table, allRules, path.child('$inc')),
    ...planAssignments('mul', Object.entries(request.mul), table, allRules, path.child('$mul')),
    ...planAssignments(
      'default',
      request.defaults.map((name) => [name, null]),
      table,
      allRules,
      path.child('$default'),
    ),
  ];
  const output = planReturning(request.returning, table, select, reader);
  const columns = assignments.map(({ column }) => column);
  const rule = updateRuleFor(allRules, columns);
  if (rule === null && columns.length > 0) throw noRuleFor('update', table, columns, path);
  const hasPresets = rule !== null && (rule.alternatives ?? [rule]).some(({ presets }) => presets.size > 0);
  if (rule === null || (columns.length === 0 && !hasPresets)) {
    throw new RequestError('unexpected-payload', path, 'atleast one of $set, $inc, $mul has to be present');
  }
  refuseSecondValues(assignments, path);
  return {
    mutation: {
      kind: 'update',
      table,
      rule,
      ...(rule.alternatives === undefined ? {} : { choices: classesOf(rule) }),
      where: reader.where(request.where, table, path.child('where')),
      assignments,
      output,
      nullChecks: reader.options.nullChecks,
    },
    validations: planValidations(allRules, columns, [inputOf(request)]),
  };
}

function planAssignments(
  operator: 'set' | 'inc' | 'mul' | 'default',
  entries: readonly (readonly [string, Json])[],
  table: TrackedTable,
  rule: UpdateRule,
  path: Path,
): readonly Assignment[] {
  return entries.map(([name, json]): Assignment => {
    if (rule.presets.has(name)) {
      throw new RequestError(
        'not-supported',
        path,
        `column "${name}" is not updatable for role "${rule.role}"; its value is predefined in permission`,
      );
    }
    if (!rule.columns.has(name)) {
      throw new RequestError('permission-denied', path, denyColumn(rule.role, 'update', name));
    }
    const column = columnNamed(table, name, "relationships can't be updated", path);
    if (operator === 'default') return { column, operator, value: null };
    const value = parseValue(json, column.type, {
      enumReference: column.enumReference,
      path,
      readsSessionVariables: false,
    });
    return { column, operator, value };
  });
}

/** As a GraphQL mutation would give it, with the two operators that only this language has. */
function inputOf({ where, set, inc, mul, defaults }: UpdateRequest): JsonObject {
  const operators = { _set: set, _inc: inc, _mul: mul };
  const used = Object.entries(operators).filter(([, values]) => Object.keys(values).length > 0);
  return { where, ...Object.fromEntries(used), ...(defaults.length === 0 ? {} : { _default: defaults }) };
}

/** PostgreSQL refuses them, too, but as a fault of ours. */
function refuseSecondValues(assignments: readonly Assignment[], path: Path): void {
  const names = assignments.map(({ column }) => column.name);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice === undefined) return;
  throw new RequestError('unexpected-payload', path, `column "${twice}" is given more than one value`);
}
