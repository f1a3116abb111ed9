import { Kind, type TypeNode } from 'graphql';
import type { RemoteTypeReference } from './types.ts';

/** As GraphQL writes it, e.g. `[Int!]!`. */
export function typeText(type: RemoteTypeReference): string {
  switch (type.kind) {
    case 'named':
      return type.name;
    case 'list':
      return `[${typeText(type.of)}]`;
    case 'non-null':
      return `${typeText(type.of)}!`;
  }
}

export function namedTypeOf(type: RemoteTypeReference): string {
  return type.kind === 'named' ? type.name : namedTypeOf(type.of);
}

export function isSameType(left: RemoteTypeReference, right: RemoteTypeReference): boolean {
  return typeText(left) === typeText(right);
}

export function fromTypeNode(node: TypeNode): RemoteTypeReference {
  switch (node.kind) {
    case Kind.NAMED_TYPE:
      return { kind: 'named', name: node.name.value };
    case Kind.LIST_TYPE:
      return { kind: 'list', of: fromTypeNode(node.type) };
    case Kind.NON_NULL_TYPE:
      return { kind: 'non-null', of: fromTypeNode(node.type) };
  }
}
