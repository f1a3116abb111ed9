/**
 * Fields whose answers come from services outside of the sources, as those who ask the services get them: what is selected and the arguments that are
 * given, all of it checked against the role's schema, with the values of variables still open, so that a plan serves many requests.
 */
import type { TypeNode } from 'graphql';
import type { Field, InputValue, NamedType } from '../../schema/index.ts';
import type { Json, Path } from '../../support/index.ts';
import type { Join } from '../types.ts';

export interface DelegatedField {
  readonly key: string;
  /** The schema's name; the service's is in `definition.meaning`. */
  readonly name: string;
  readonly definition: Field;
  readonly path: Path;
  readonly arguments: readonly DelegatedMember[];
  /** Null for leaves. */
  readonly selection: DelegatedSelection | null;
}

/** An argument, or a member of an input object. What was not given is not there. */
export interface DelegatedMember {
  readonly definition: InputValue;
  readonly value: DelegatedValue;
}

export type DelegatedValue =
  | { readonly kind: 'null' }
  /** A string, number or truth value; of a scalar that takes any JSON also lists and objects. */
  | { readonly kind: 'literal'; readonly value: Json }
  | { readonly kind: 'enum'; readonly name: string }
  | { readonly kind: 'list'; readonly items: readonly DelegatedValue[] }
  | { readonly kind: 'object'; readonly members: readonly DelegatedMember[] }
  | DelegatedVariable;

/** A variable that has a value in every request that uses the plan. */
export interface DelegatedVariable {
  readonly kind: 'variable';
  readonly name: string;
  /** As the document declares it, with the schema's names. */
  readonly declaredType: TypeNode;
  /** Where it is used. */
  readonly definition: InputValue;
  /** The value as the service gets it. Throws a RequestError where it does not fit its use. */
  readonly read: (value: Json) => Json;
}

export interface DelegatedSelection {
  readonly type: NamedType;
  /**
   * What is selected of a value of each concrete type, by the type's name in the schema: one entry for an object type, and those of interfaces and unions
   * that are named by fragments. In response order.
   */
  readonly byType: ReadonlyMap<string, readonly DelegatedItem[]>;
  /** What is selected of types that are not named themselves, but interfaces and unions of theirs. */
  readonly groups: readonly DelegatedGroup[];
  /** Index in `groups` by the type's name in the schema. */
  readonly groupOf: ReadonlyMap<string, number>;
  /** Of every other type, those that the schema does not show included: fields of the interface itself. Empty for object types. */
  readonly other: readonly DelegatedItem[];
}

export interface DelegatedGroup {
  /** The schema's names of interfaces and unions that apply to the types, all of them. */
  readonly conditions: readonly string[];
  readonly items: readonly DelegatedItem[];
}

export type DelegatedItem =
  /** `__typename`: the schema's name of the concrete type. */
  | { readonly kind: 'typename'; readonly key: string }
  | { readonly kind: 'field'; readonly key: string; readonly field: DelegatedField }
  /** What another source or service has to the values of this object's `fields` (the service's names). A null among them finds nothing. */
  | {
      readonly kind: 'join';
      readonly key: string;
      readonly fields: readonly string[];
      readonly join: Join;
    };
