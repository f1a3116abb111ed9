/**
 * Root fields of tables. A large schema has a hundred thousand of them for each role, so that each is no more than what it is about and the specification that it shares
 * with those of all other tables.
 */
import type { RootFieldKind, TrackedTable } from '../model/index.ts';
import type { SchemaContext } from './context.ts';
import { describe } from './descriptions.ts';
import { ForgettableField } from './lazy-types.ts';
import { type Members, membersByName } from './members.ts';
import type { FieldMeaning } from './meanings.ts';
import type { Field, InputValue, TypeReference } from './types.ts';

/** @template A what the field is about, e.g. what a role may read of a table */
export interface RootFieldSpecification<A extends { readonly table: TrackedTable }> {
  readonly kind: RootFieldKind;
  /** Where the metadata has none. */
  readonly description: (table: TrackedTable) => string;
  readonly meaning: (about: A) => FieldMeaning;
  readonly type: (context: SchemaContext, about: A) => TypeReference;
  readonly arguments: (context: SchemaContext, about: A) => Members<InputValue>;
}

export function rootField<A extends { readonly table: TrackedTable }>(
  specification: RootFieldSpecification<A>,
  context: SchemaContext,
  about: A,
): Field {
  return new RootField(specification, context, about);
}

/** Its type and arguments are made when they are first asked for. */
class RootField<A extends { readonly table: TrackedTable }> extends ForgettableField implements Field {
  readonly #specification: RootFieldSpecification<A>;
  readonly #context: SchemaContext;
  readonly #about: A;
  #type: TypeReference | null = null;
  #arguments: ReadonlyMap<string, InputValue> | null = null;

  constructor(specification: RootFieldSpecification<A>, context: SchemaContext, about: A) {
    super();
    this.#specification = specification;
    this.#context = context;
    this.#about = about;
  }

  get name(): string {
    return this.#about.table.rootFields[this.#specification.kind].name;
  }

  get description(): string | null {
    const { table } = this.#about;
    const { kind, description } = this.#specification;
    return describe(table.rootFields[kind].comment, description(table));
  }

  get meaning(): FieldMeaning {
    return this.#specification.meaning(this.#about);
  }

  get type(): TypeReference {
    this.#type ??= this.#specification.type(this.#context, this.#about);
    return this.#type;
  }

  get arguments(): ReadonlyMap<string, InputValue> {
    this.#arguments ??= membersByName(this.#specification.arguments(this.#context, this.#about));
    return this.#arguments;
  }

  forget(): void {
    this.#type = null;
    this.#arguments = null;
  }
}
