/** The types that can be reached from the root types, which are those that introspection lists. */
import { introspectionTypes } from './introspection-types.ts';
import { strictScalars } from './scalars.ts';
import type { InputValue, NamedType, ObjectType, TypeReference } from './types.ts';

/** By name, sorted. Of several types with one name (`text` and `varchar` are both `String`) the first stands for all. */
export function reachableTypes(roots: readonly (ObjectType | null)[]): ReadonlyMap<string, NamedType> {
  const found = new Map<string, NamedType>();
  const seen = new Set<NamedType>();
  const pending: NamedType[] = [];
  const visit = (type: NamedType): void => {
    if (seen.has(type)) return;
    seen.add(type);
    if (!found.has(type.name)) found.set(type.name, type);
    if (type.kind !== 'scalar' && type.kind !== 'enum') pending.push(type);
  };
  const visitInputs = (inputs: Iterable<InputValue>): void => {
    for (const input of inputs) visit(namedTypeOf(input.type));
  };
  for (const scalar of Object.values(strictScalars)) visit(scalar);
  for (const type of introspectionTypes) visit(type);
  for (const root of roots) if (root !== null) visit(root);
  for (let type = pending.pop(); type !== undefined; type = pending.pop()) {
    if (type.kind === 'input-object') visitInputs(type.fields.values());
    if (type.kind === 'object' || type.kind === 'interface') {
      for (const field of type.fields.values()) {
        visit(namedTypeOf(field.type));
        visitInputs(field.arguments.values());
      }
    }
    if (type.kind === 'object') type.interfaces.forEach(visit);
    if (type.kind === 'interface' || type.kind === 'union') type.possibleTypes.forEach(visit);
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

export function namedTypeOf(reference: TypeReference): NamedType {
  let current = reference;
  while (current.kind !== 'named') current = current.of;
  return current.type;
}
