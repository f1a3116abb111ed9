/**
 * The GraphQL types that one role sees. Types are made when they are first named; `fields` is a getter that makes them once.
 * Each field and input value carries its *meaning* (`meanings.ts`), what `plan/` does with it.
 */
import type { PgType } from '../catalog/index.ts';
import type { Naming } from '../model/index.ts';
import type { Json } from '../support/index.ts';
import type { EnumValueMeaning, FieldMeaning, InputMeaning } from './meanings.ts';

export type TypeReference =
  | { readonly kind: 'named'; readonly type: NamedType }
  | { readonly kind: 'list'; readonly of: TypeReference }
  | { readonly kind: 'non-null'; readonly of: TypeReference };

export type NamedType = ScalarType | EnumType | ObjectType | AbstractType | InputObjectType;

/** A type whose values are objects of one of several types. */
export type AbstractType = InterfaceType | UnionType;

export interface ScalarType {
  readonly kind: 'scalar';
  readonly name: string;
  /** The PostgreSQL type behind it; null for the strict built-in scalars of arguments (limit, `_is_null`, `path` …). */
  readonly pgType: PgType | null;
}

export interface EnumType {
  readonly kind: 'enum';
  readonly name: string;
  readonly description: string | null;
  readonly values: ReadonlyMap<string, EnumTypeValue>;
}

export interface EnumTypeValue {
  readonly name: string;
  readonly description: string | null;
  readonly meaning: EnumValueMeaning;
}

export interface ObjectType {
  readonly kind: 'object';
  readonly name: string;
  readonly description: string | null;
  readonly fields: ReadonlyMap<string, Field>;
  /** What can be selected but is not listed: `__schema` and `__type` of the query root. */
  readonly metaFields?: ReadonlyMap<string, Field>;
  readonly interfaces: readonly InterfaceType[];
  /** The unions that it is a member of, as far as fragments on them can be selected from it. */
  readonly unions?: readonly UnionType[];
}

export interface InterfaceType {
  readonly kind: 'interface';
  readonly name: string;
  readonly description: string | null;
  readonly fields: ReadonlyMap<string, Field>;
  /** The object types that implement it, as far as the role sees them. */
  readonly possibleTypes: readonly ObjectType[];
}

export interface UnionType {
  readonly kind: 'union';
  readonly name: string;
  readonly description: string | null;
  readonly possibleTypes: readonly ObjectType[];
}

export interface Field {
  readonly name: string;
  readonly description: string | null;
  readonly type: TypeReference;
  readonly arguments: ReadonlyMap<string, InputValue>;
  readonly meaning: FieldMeaning;
}

export interface InputObjectType {
  readonly kind: 'input-object';
  readonly name: string;
  readonly description: string | null;
  readonly fields: ReadonlyMap<string, InputValue>;
}

export interface InputValue {
  readonly name: string;
  readonly description: string | null;
  readonly type: TypeReference;
  /** As introspection prints it, e.g. `[]`; null when there is none. */
  readonly defaultValue: string | null;
  readonly meaning: InputMeaning;
}

/**
 * One field of a selection after fragments are inlined, directives evaluated, equal response keys merged and variables substituted, in response
 * order. `introspect` takes what stands below `__schema` and `__type` in this form and needs nothing else.
 */
export interface CollectedField {
  readonly responseKey: string;
  /** Null: `__typename`. */
  readonly field: Field | null;
  /** The arguments that were given, checked against `field.arguments`; absent ones are absent. */
  readonly arguments: ReadonlyMap<string, Json>;
  /** Empty for leaves. */
  readonly selection: readonly CollectedField[];
}

/** What a role sees of the model. One object per (model, role, backend-only allowed). */
export interface RoleSchema {
  readonly role: string;
  readonly queryRoot: ObjectType;
  readonly mutationRoot: ObjectType | null;
  readonly subscriptionRoot: ObjectType | null;
  /** Whether it has more than some fifty tables. */
  readonly isLarge: boolean;
  /** A type by its name if it can be reached from the roots; for descriptions of the schema. Makes all types. */
  readonly findType: (name: string) => NamedType | null;
  /** All reachable types, sorted by name; for descriptions of the schema. */
  readonly allTypes: () => readonly NamedType[];
  /**
   * The same one by one; null where finding the next one is not done yet. Those of a large schema are neither sorted nor kept: they come by tables, and the fields of each are forgotten with the next step, so that not all are there at once.
   */
  eachType(): Iterable<NamedType | null>;
  /** The names of a source; null when there is no such source. */
  readonly namingOf: (source: string) => Naming | null;
}
