/**
 * Selections on interfaces and unions. A service may have hundreds of types of one interface, so that they are not planned one by one: those that no
 * fragment names are planned together, by the interfaces and unions that fragments name.
 */
import type { AbstractType, Field, InterfaceType, ObjectType } from '../../schema/index.ts';
import type { Path } from '../../support/index.ts';
import { type SelectedField, typeConditions } from '../collect-fields.ts';
import { type PlanContext, spend } from '../context.ts';
import { typeText } from '../type-text.ts';
import type { DelegatedItem, DelegatedSelection } from './types.ts';

/** @param planItems what is selected of objects of a type */
export function planAbstractSelection(
  { selectionSets, path }: SelectedField,
  type: AbstractType,
  planItems: (concrete: ObjectType) => readonly DelegatedItem[],
  context: PlanContext,
): DelegatedSelection {
  const { named, groups, groupOf } = sortedTypes(
    type,
    typeConditions(selectionSets, path, context),
    path,
    context,
  );
  return {
    type,
    byType: new Map(named.map((concrete) => [concrete.name, planItems(concrete)])),
    groups: groups.map((above) => ({
      conditions: above.map(({ name }) => name),
      items: planItems(standIn([type, ...above])),
    })),
    groupOf,
    other: planItems(standIn([type])),
  };
}

interface SortedTypes {
  /** Types that are planned by themselves. */
  readonly named: readonly ObjectType[];
  /** Interfaces and unions, besides the selection's own, that apply to the same types. */
  readonly groups: readonly (readonly AbstractType[])[];
  readonly groupOf: ReadonlyMap<string, number>;
}

/** By the effort of a plan: fragments that are spread again and again ask for the same again and again. */
const sorted = new WeakMap<PlanContext['effort'], Map<AbstractType, Map<string, SortedTypes>>>();

function sortedTypes(
  type: AbstractType,
  conditions: ReadonlySet<string>,
  path: Path,
  context: PlanContext,
): SortedTypes {
  if (conditions.size === 0) return noTypes;
  let byType = sorted.get(context.effort);
  if (byType === undefined) {
    byType = new Map();
    sorted.set(context.effort, byType);
  }
  let byConditions = byType.get(type);
  if (byConditions === undefined) {
    byConditions = new Map();
    byType.set(type, byConditions);
  }
  const key = [...conditions].sort().join(' ');
  const known = byConditions.get(key);
  if (known !== undefined) return known;
  spend(context, path, type.possibleTypes.length);
  const made = sortTypes(type, conditions);
  byConditions.set(key, made);
  return made;
}

const noTypes: SortedTypes = { named: [], groups: [], groupOf: new Map() };

function sortTypes(type: AbstractType, conditions: ReadonlySet<string>): SortedTypes {
  const named: ObjectType[] = [];
  const members = new Map<
    string,
    { readonly above: readonly AbstractType[]; readonly types: ObjectType[] }
  >();
  const isNamed = (above: AbstractType): boolean => above !== type && conditions.has(above.name);
  for (const concrete of type.possibleTypes) {
    if (conditions.has(concrete.name)) {
      named.push(concrete);
      continue;
    }
    const above: AbstractType[] = [...concrete.interfaces, ...(concrete.unions ?? [])].filter(isNamed);
    if (above.length === 0) continue;
    const key = above.map(({ name }) => name).join(' ');
    const group = members.get(key);
    if (group === undefined) members.set(key, { above, types: [concrete] });
    else group.types.push(concrete);
  }
  const groups: (readonly AbstractType[])[] = [];
  const groupOf = new Map<string, number>();
  for (const { above, types } of members.values()) {
    if (!agree([type, ...above])) {
      named.push(...types);
      continue;
    }
    for (const { name } of types) groupOf.set(name, groups.length);
    groups.push(above);
  }
  return { named, groups, groupOf };
}

/** Whether fields with one name have one type, so that it does not matter through which of the types they are selected. */
function agree(types: readonly AbstractType[]): boolean {
  const seen = new Map<string, string>();
  for (const type of types) {
    if (type.kind !== 'interface') continue;
    for (const field of type.fields.values()) {
      const text = typeText(field.type);
      if ((seen.get(field.name) ?? text) !== text) return false;
      seen.set(field.name, text);
    }
  }
  return true;
}

/** Stands for objects of whatever type to which all of the given ones apply: they have the fields of the interfaces. */
function standIn(types: readonly AbstractType[]): ObjectType {
  const fields = new Map<string, Field>();
  const interfaces: InterfaceType[] = [];
  for (const type of types) {
    if (type.kind !== 'interface') continue;
    interfaces.push(type);
    for (const [name, field] of type.fields) if (!fields.has(name)) fields.set(name, field);
  }
  const unions = types.filter((type) => type.kind === 'union');
  return { kind: 'object', name: '', description: null, fields, interfaces, unions };
}
