/** What is sent to a service, and how its answer is read. */
import type { DelegatedValue, Join } from '../plan/index.ts';
import type { SentVariable } from './variables.ts';

export interface SentOperation {
  /** The selection set, `{ alias: field(…) … }`. */
  readonly selectionText: string;
  readonly variables: readonly SentVariable[];
  /** The one root field. */
  readonly field: SentField;
}

export interface SentField {
  readonly kind: 'field';
  /** In the service's answer and in ours. */
  readonly key: string;
  /** Null for leaves. */
  readonly selection: SentSelection | null;
}

export type SentItem =
  | SentField
  | { readonly kind: 'typename'; readonly key: string }
  | {
      readonly kind: 'join';
      readonly key: string;
      /** Where the answer has the values that it joins by. */
      readonly valueKeys: readonly string[];
      readonly join: Join;
    };

export interface SentSelection {
  /** Our name of the type that the field is declared with. */
  readonly typeName: string;
  /** Where the answer tells an object's type; null when that makes no difference. */
  readonly discriminator: string | null;
  /** By the service's type name. */
  readonly byType: ReadonlyMap<string, readonly SentItem[]>;
  readonly groups: readonly (readonly SentItem[])[];
  /** Index in `groups` by our type name. */
  readonly groupOf: ReadonlyMap<string, number>;
  /** For every other type. */
  readonly other: readonly SentItem[];
}

/** A field below a row of another place: its printed parts, between which the arguments that the row gives are put. */
export interface SentJoinedField {
  /** For each field on the way to it, what is sent beside the arguments that rows give. */
  readonly before: readonly (readonly (readonly [name: string, text: string])[])[];
  /** Arguments that are the same for all rows, by the service's names. */
  readonly arguments: readonly (readonly [name: string, text: string])[];
  /** What the client gives of arguments that rows give a part of, too. */
  readonly shared: ReadonlyMap<string, DelegatedValue>;
  /** ` { … }`, or a space. */
  readonly selectionText: string;
  readonly variables: readonly SentVariable[];
  readonly selection: SentSelection | null;
}
