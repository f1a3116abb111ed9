import { Kind, parseType, type TypeNode } from 'graphql';

/** A reference to a type as a declaration writes it, e.g. `[Int!]!`. */
export type DeclaredType =
  | { readonly kind: 'named'; readonly name: string }
  | { readonly kind: 'list'; readonly of: DeclaredType }
  | { readonly kind: 'non-null'; readonly of: DeclaredType };

/** The text must be a type: metadata with another is refused before it gets here, so that this throws for faults of ours only. */
export function readDeclaredType(text: string): DeclaredType {
  return fromNode(parseType(text, { noLocation: true }));
}

/** The name inside of all lists. */
export function baseName(type: DeclaredType): string {
  return type.kind === 'named' ? type.name : baseName(type.of);
}

export function isListType(type: DeclaredType): boolean {
  if (type.kind === 'non-null') return isListType(type.of);
  return type.kind === 'list';
}

function fromNode(node: TypeNode): DeclaredType {
  switch (node.kind) {
    case Kind.NAMED_TYPE:
      return { kind: 'named', name: node.name.value };
    case Kind.LIST_TYPE:
      return { kind: 'list', of: fromNode(node.type) };
    default:
      return { kind: 'non-null', of: fromNode(node.type) };
  }
}
