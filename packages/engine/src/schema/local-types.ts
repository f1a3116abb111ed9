import { textOf, type TrackedFunction, type TrackedTable } from '../model/index.ts';
import { namedTypeOf } from './reachable-types.ts';
import type { FieldMeaning } from './meanings.ts';
import type { Field, InputValue, NamedType, ObjectType } from './types.ts';

/**
 * The types of the sources and actions that may have one of the given names. Not all types are made for that, which takes long where there are
 * thousands of tables: types of a table have the table's name in theirs, so that only those tables are looked at whose names occur in the given ones.
 */
export function localTypesNamed(
  names: Iterable<string>,
  roots: readonly (ObjectType | null)[],
): ReadonlyMap<string, NamedType> {
  const wanted = Array.from(names, normalized);
  // these belong to no table, and only other engines of this kind have them
  const isShared = wanted.some((name) => /comparisonexp$|^orderby$|^cursorordering$/.test(name));
  const bases = new Map<string, boolean>();
  const isBase = (base: string): boolean => {
    let found = bases.get(base);
    if (found === undefined) {
      found = isShared || wanted.some((name) => name.includes(base));
      bases.set(base, found);
    }
    return found;
  };
  const first = roots.flatMap((root) =>
    root === null ? [] : Array.from(root.fields.values(), withNamespaced).flat(),
  );
  const chosen = first.filter((field) => {
    const owners = ownersOf(field.meaning);
    return owners === null || owners.some(isBase);
  });
  const chosenBases = [...bases].flatMap(([base, isChosen]) => (isChosen ? [base] : []));
  const belongs = (type: NamedType): boolean => {
    const name = normalized(type.name);
    return isShared || chosenBases.some((base) => name.includes(base)) || isDelegated(type);
  };
  return typesBelow(chosen, belongs);
}

/** A namespace stands beside the fields in it. */
function withNamespaced(field: Field): readonly Field[] {
  const type = field.meaning.kind === 'namespace' ? namedTypeOf(field.type) : null;
  return type?.kind === 'object' ? [field, ...type.fields.values()] : [field];
}

/** Everything that the fields lead to, without what lies below types that `belongs` refuses. */
function typesBelow(
  fields: readonly Field[],
  belongs: (type: NamedType) => boolean,
): ReadonlyMap<string, NamedType> {
  const found = new Map<string, NamedType>();
  const seen = new Set<NamedType>();
  const pending: NamedType[] = [];
  const visit = (type: NamedType): void => {
    if (seen.has(type)) return;
    seen.add(type);
    if (!found.has(type.name)) found.set(type.name, type);
    if (type.kind !== 'scalar' && type.kind !== 'enum' && belongs(type)) pending.push(type);
  };
  const visitInputs = (inputs: Iterable<InputValue>): void => {
    for (const input of inputs) visit(namedTypeOf(input.type));
  };
  const visitFields = (items: Iterable<Field>): void => {
    for (const field of items) {
      visit(namedTypeOf(field.type));
      visitInputs(field.arguments.values());
    }
  };
  visitFields(fields);
  for (let type = pending.pop(); type !== undefined; type = pending.pop()) {
    if (type.kind === 'input-object') visitInputs(type.fields.values());
    if (type.kind === 'object' || type.kind === 'interface') visitFields(type.fields.values());
    if (type.kind === 'interface' || type.kind === 'union') type.possibleTypes.forEach(visit);
  }
  return found;
}

/** Names, as they occur in the names of types, of what a root field is about; null when it is about no table. */
function ownersOf(meaning: FieldMeaning): readonly string[] | null {
  const owners: (TrackedTable | TrackedFunction)[] = [];
  if ('access' in meaning && 'table' in meaning.access) owners.push(meaning.access.table);
  if ('fn' in meaning) owners.push(meaning.fn);
  if (meaning.kind === 'insert' || meaning.kind === 'update' || meaning.kind === 'delete') {
    owners.push(meaning.target.table);
  }
  if (owners.length === 0) return null;
  return owners.flatMap(({ graphqlName }) => (graphqlName === null ? [] : [normalized(textOf(graphqlName))]));
}

/** Types of actions' inputs and answers. */
function isDelegated(type: NamedType): boolean {
  if (type.kind !== 'object' && type.kind !== 'input-object') return false;
  for (const { meaning } of type.fields.values()) {
    if (meaning.kind === 'delegated-field' || meaning.kind === 'delegated') return true;
  }
  return false;
}

/** The same for all conventions of naming. */
function normalized(name: string): string {
  return name.replaceAll('_', '').toLowerCase();
}
