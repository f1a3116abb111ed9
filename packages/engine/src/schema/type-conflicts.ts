/** Types that have one name and are not one type: a table called as a scalar or as a type of another table. */
import type { Model } from '../model/index.ts';
import { SchemaContext, type SchemaFeatures } from './context.ts';
import { namedTypeOf } from './reachable-types.ts';
import { mutationRoot, queryRoot, subscriptionRoot } from './roots.ts';
import { typeDefinition } from './type-definition.ts';
import type { InputValue, NamedType } from './types.ts';

export interface TypeConflict {
  readonly name: string;
  /** As Hasura words it. */
  readonly message: string;
}

/** What is wrong with the types that `admin` can reach, all of which are made for it; by the name of the type. */
export function findTypeConflicts(model: Model, features: SchemaFeatures): readonly TypeConflict[] {
  const context = new SchemaContext(model, 'admin', { usesBackendOnly: true, features });
  const conflicts = new Map<string, TypeConflict>();
  const places = new Map<string, { readonly type: NamedType; readonly place: string }>();
  const seen = new Set<NamedType>();
  const pending: { readonly type: NamedType; readonly place: string }[] = [];
  const visit = (type: NamedType, place: string): void => {
    if (seen.has(type)) return;
    seen.add(type);
    const former = places.get(type.name);
    if (former === undefined) places.set(type.name, { type, place });
    else if (!conflicts.has(type.name) && !isComparison(type) && !isSame(former.type, type)) {
      conflicts.set(type.name, { name: type.name, message: describe(type, place, former) });
    }
    if (type.kind !== 'scalar' && type.kind !== 'enum') pending.push({ type, place });
  };
  const visitInputs = (inputs: Iterable<InputValue>, place: string): void => {
    for (const input of inputs) visit(namedTypeOf(input.type), `${place}.${input.name}`);
  };
  for (const root of [queryRoot(context), mutationRoot(context), subscriptionRoot(context)]) {
    if (root !== null) visit(root, root.name);
  }
  for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
    const { type, place } = next;
    if (type.kind === 'input-object') visitInputs(type.fields.values(), place);
    if (type.kind === 'object' || type.kind === 'interface') {
      for (const field of type.fields.values()) {
        visit(namedTypeOf(field.type), `${place}.${field.name}`);
        visitInputs(field.arguments.values(), `${place}.${field.name}`);
      }
    }
    if (type.kind === 'interface' || type.kind === 'union') {
      for (const possible of type.possibleTypes) visit(possible, place);
    }
  }
  return [...conflicts.values()];
}

/** Types of PostgreSQL may share a name in GraphQL (`text` and `varchar`); what compares them is then called the same. */
function isComparison({ kind, name }: NamedType): boolean {
  return kind === 'input-object' && name.endsWith('_comparison_exp');
}

function isSame(one: NamedType, other: NamedType): boolean {
  return one.kind === other.kind && typeDefinition(one) === typeDefinition(other);
}

function describe(
  type: NamedType,
  place: string,
  former: { readonly type: NamedType; readonly place: string },
): string {
  return `Found conflicting definitions for GraphQL type '${type.name}'.  The definition at ${place} differs from the definitions at [${former.place}].\nFormer has definition:\n${typeDefinition(former.type)}\nLatter has definition:\n${typeDefinition(type)}`;
}
