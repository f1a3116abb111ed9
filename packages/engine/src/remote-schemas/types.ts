/** The type system of another GraphQL service, under the names that the service itself uses. */
import type { PresetValue } from './permissions/preset-value.ts';

export type RemoteTypeReference =
  | { readonly kind: 'named'; readonly name: string }
  | { readonly kind: 'list'; readonly of: RemoteTypeReference }
  | { readonly kind: 'non-null'; readonly of: RemoteTypeReference };

/** An argument, or a field of an input object. */
export interface RemoteInputValue {
  readonly name: string;
  readonly description: string | null;
  readonly type: RemoteTypeReference;
  /** As the service prints it; null when there is none. */
  readonly defaultValue: string | null;
  /** What a role always sends, and hence does not see. Only in what permissions leave of a service. */
  readonly preset: PresetValue | null;
}

export interface RemoteField {
  readonly name: string;
  readonly description: string | null;
  readonly type: RemoteTypeReference;
  readonly arguments: ReadonlyMap<string, RemoteInputValue>;
}

export interface RemoteEnumValue {
  readonly name: string;
  readonly description: string | null;
}

interface Named {
  readonly name: string;
  readonly description: string | null;
}

export interface RemoteScalarType extends Named {
  readonly kind: 'scalar';
}

export interface RemoteEnumType extends Named {
  readonly kind: 'enum';
  readonly values: ReadonlyMap<string, RemoteEnumValue>;
}

export interface RemoteObjectType extends Named {
  readonly kind: 'object';
  readonly fields: ReadonlyMap<string, RemoteField>;
  readonly interfaces: readonly string[];
}

export interface RemoteInterfaceType extends Named {
  readonly kind: 'interface';
  readonly fields: ReadonlyMap<string, RemoteField>;
  /** The object types that implement it. */
  readonly possibleTypes: readonly string[];
}

export interface RemoteUnionType extends Named {
  readonly kind: 'union';
  readonly possibleTypes: readonly string[];
}

export interface RemoteInputObjectType extends Named {
  readonly kind: 'input-object';
  readonly fields: ReadonlyMap<string, RemoteInputValue>;
}

export type RemoteType =
  | RemoteScalarType
  | RemoteEnumType
  | RemoteObjectType
  | RemoteInterfaceType
  | RemoteUnionType
  | RemoteInputObjectType;

export interface RemoteDirective {
  readonly name: string;
  readonly arguments: ReadonlyMap<string, RemoteInputValue>;
}

export interface RemoteTypeSystem {
  /** By name; the built-in scalars are there, the types of introspection are not. */
  readonly types: ReadonlyMap<string, RemoteType>;
  readonly directives: ReadonlyMap<string, RemoteDirective>;
  readonly roots: RemoteRoots;
}

/** Names of object types. */
export interface RemoteRoots {
  readonly query: string;
  readonly mutation: string | null;
  readonly subscription: string | null;
}

export type RemoteOperation = keyof RemoteRoots;
