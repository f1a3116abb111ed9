import type { DirectiveNode, FragmentDefinitionNode, SelectionSetNode, TypeNode, ValueNode } from 'graphql';
import type { Json } from '../support/index.ts';

/** A parsed document. Immutable to its users, so that it may be shared through the cache. */
export interface Document {
  readonly operations: readonly OperationDefinition[];
}

export interface OperationDefinition {
  readonly name: string | null;
  /** The operation, checked on its own; computed once. Throws the fault of the operation or of its fragments. */
  readonly prepare: () => Operation;
}

/** One operation with all that it reaches: fragments are defined, free of cycles, and every variable it uses is declared. */
export interface Operation {
  readonly kind: 'query' | 'mutation' | 'subscription';
  readonly name: string | null;
  readonly selectionSet: SelectionSetNode;
  readonly directives: readonly DirectiveNode[];
  /** By name; at least those that the operation reaches. */
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** By name, in the written order. */
  readonly variableDefinitions: ReadonlyMap<string, VariableDefinition>;
  /** Used anywhere below the operation, also under a skipped field. */
  readonly usedVariables: ReadonlySet<string>;
}

export interface VariableDefinition {
  readonly name: string;
  readonly type: TypeNode;
  readonly isNullable: boolean;
  /** A literal without variables; null when there is none. */
  readonly defaultValue: ValueNode | null;
}

/** What a request gives for a variable. `absent`: the default applies, or null. */
export type VariableBinding =
  | { readonly kind: 'absent' }
  | { readonly kind: 'null' }
  | { readonly kind: 'present'; readonly value: Json };

/** A binding for every declared variable. */
export type VariableBindings = ReadonlyMap<string, VariableBinding>;
