import type { NamedType, TypeReference } from '../schema/index.ts';

/** A type as GraphQL writes it: `[author_order_by!]`. */
export function typeText(type: TypeReference): string {
  switch (type.kind) {
    case 'named':
      return type.type.name;
    case 'list':
      return `[${typeText(type.of)}]`;
    case 'non-null':
      return `${typeText(type.of)}!`;
  }
}

/** The type without its lists and non-nulls. */
export function namedType(type: TypeReference): NamedType {
  return type.kind === 'named' ? type.type : namedType(type.of);
}

export function isListType(type: TypeReference): boolean {
  return type.kind === 'non-null' ? isListType(type.of) : type.kind === 'list';
}

/** What the elements of a list type are; of another type, itself, since a bare value stands for a list of one. */
export function elementType(type: TypeReference): TypeReference {
  if (type.kind === 'non-null') return elementType(type.of);
  return type.kind === 'list' ? type.of : type;
}
