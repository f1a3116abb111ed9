import { Kind, type TypeDefinitionNode } from 'graphql';
import { builtInScalars } from '../read-introspection.ts';
import { fromTypeNode } from '../type-references.ts';
import type { RemoteTypeReference } from '../types.ts';

/** What a value can be of, as far as a preset needs to know. */
export type PresetType =
  | { readonly kind: 'scalar' }
  | { readonly kind: 'enum'; readonly values: ReadonlySet<string> }
  | { readonly kind: 'input-object'; readonly fields: ReadonlyMap<string, RemoteTypeReference> };

/** By name. */
export type PresetTypes = ReadonlyMap<string, PresetType>;

/** The types of inputs that a role's document lists: a preset is made of what the role could give itself. */
export function presetTypesOf(nodes: readonly TypeDefinitionNode[]): PresetTypes {
  const types = new Map<string, PresetType>(builtInScalars.map((name) => [name, { kind: 'scalar' }]));
  for (const node of nodes) {
    const type = presetTypeOf(node);
    if (type !== null) types.set(node.name.value, type);
  }
  return types;
}

function presetTypeOf(node: TypeDefinitionNode): PresetType | null {
  switch (node.kind) {
    case Kind.SCALAR_TYPE_DEFINITION:
      return { kind: 'scalar' };
    case Kind.ENUM_TYPE_DEFINITION:
      return { kind: 'enum', values: new Set((node.values ?? []).map(({ name }) => name.value)) };
    case Kind.INPUT_OBJECT_TYPE_DEFINITION: {
      const fields = node.fields ?? [];
      return {
        kind: 'input-object',
        fields: new Map(fields.map(({ name, type }) => [name.value, fromTypeNode(type)])),
      };
    }
    default:
      return null;
  }
}
