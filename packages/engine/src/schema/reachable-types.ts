/** The types that can be reached from the root types, which are those that introspection lists. */
import { introspectionTypes } from './introspection-types.ts';
import { strictScalars } from './scalars.ts';
import type { InputValue, NamedType, ObjectType, TypeReference } from './types.ts';

/**
 * One type for each name, in no order; of several with one name (`text` and `varchar` are both `String`) the first stands for all.
 * What a type leads to is noted by the time it is given, so that its fields may be forgotten.
 */
export function* walkTypes(roots: readonly (ObjectType | null)[]): Generator<NamedType, void> {
  const names = new Set<string>();
  const seen = new Set<NamedType>();
  const unlisted = new Set<NamedType>();
  const pending: NamedType[] = [];
  const visit = (type: NamedType): void => {
    if (seen.has(type)) return;
    seen.add(type);
    const isFirst = !names.has(type.name);
    names.add(type.name);
    const isLeaf = type.kind === 'scalar' || type.kind === 'enum';
    if (isLeaf && !isFirst) return;
    if (!isFirst) unlisted.add(type);
    pending.push(type);
  };
  const visitInputs = (inputs: Iterable<InputValue>): void => {
    for (const input of inputs) visit(namedTypeOf(input.type));
  };
  for (const scalar of Object.values(strictScalars)) visit(scalar);
  for (const type of introspectionTypes) visit(type);
  for (const root of roots) if (root !== null) visit(root);
  /** Many fields share the arguments of their table, and many types their fields. */
  let lastArguments: unknown = null;
  let lastFields: unknown = null;
  for (let type = pending.pop(); type !== undefined; type = pending.pop()) {
    if (type.kind === 'input-object' && type.fields !== lastFields) {
      lastFields = type.fields;
      visitInputs(type.fields.values());
    }
    if ((type.kind === 'object' || type.kind === 'interface') && type.fields !== lastFields) {
      lastFields = type.fields;
      for (const field of type.fields.values()) {
        visit(namedTypeOf(field.type));
        const { arguments: given } = field;
        if (given.size === 0 || given === lastArguments) continue;
        lastArguments = given;
        visitInputs(given.values());
      }
    }
    if (type.kind === 'object') type.interfaces.forEach(visit);
    if (type.kind === 'interface' || type.kind === 'union') type.possibleTypes.forEach(visit);
    if (!unlisted.has(type)) yield type;
  }
}

/** By name, sorted. */
export function reachableTypes(roots: readonly (ObjectType | null)[]): ReadonlyMap<string, NamedType> {
  return sortedByName([...walkTypes(roots)]);
}

export function sortedByName(types: readonly NamedType[]): ReadonlyMap<string, NamedType> {
  const entries = types.map((type) => [type.name, type] as const);
  return new Map(entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

export function namedTypeOf(reference: TypeReference): NamedType {
  let current = reference;
  while (current.kind !== 'named') current = current.of;
  return current.type;
}
