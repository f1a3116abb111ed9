/**
 * Types by specification: every table has the same some fifty types, so that each of them is no more than what it is about and the specification that it shares with
 * those of all other tables. A large schema has hundreds of thousands.
 */
import { LazyType, noInterfaces } from './lazy-types.ts';
import { byName, type Members, membersByName } from './members.ts';
import type {
  EnumType,
  EnumTypeValue,
  Field,
  InputObjectType,
  InputValue,
  InterfaceType,
  NamedType,
  ObjectType,
} from './types.ts';

interface Named {
  readonly name: string;
}

/** A table, or what says something about one. */
type About = object | { readonly table: object };

/**
 * What all types of one kind have in common, e.g. all `t_aggregate`. A large schema has some fifty types for each table, so that each had better be small: it
 * has what it is about, and its specification the rest.
 * @template C what knows the names and the other types
 * @template A what the type is about, e.g. what a role may read of a table
 */
interface TypeSpecification<C, A extends About> {
  /** Different for each specification, counted from 0. */
  readonly index: number;
  readonly name: (context: C, about: A) => string;
  readonly description: (context: C, about: A) => string | null;
}

/** @template T the kind of type, whose fields are M */
interface SpecificationOfFields<T, M, C, A extends About> extends TypeSpecification<C, A> {
  /** `self` is the type itself, which its fields may take. */
  readonly fields: (context: C, about: A, self: T) => Members<M>;
  readonly interfaces?: (context: C, about: A) => readonly InterfaceType[];
}

export type ObjectSpecification<C, A extends About> = SpecificationOfFields<ObjectType, Field, C, A>;
export type InputObjectSpecification<C, A extends About> = SpecificationOfFields<
  InputObjectType,
  InputValue,
  C,
  A
>;

export interface EnumSpecification<C, A extends About> extends TypeSpecification<C, A> {
  readonly values: (context: C, about: A) => Iterable<EnumTypeValue>;
}

type WithoutIndex<S> = Omit<S, 'index'>;

export function objectSpecification<C, A extends About>(
  parts: WithoutIndex<ObjectSpecification<C, A>>,
): ObjectSpecification<C, A> {
  return { index: nextIndex++, ...parts };
}

export function inputSpecification<C, A extends About>(
  parts: WithoutIndex<InputObjectSpecification<C, A>>,
): InputObjectSpecification<C, A> {
  return { index: nextIndex++, ...parts };
}

export function enumSpecification<C, A extends About>(
  parts: WithoutIndex<EnumSpecification<C, A>>,
): EnumSpecification<C, A> {
  return { index: nextIndex++, ...parts };
}

let nextIndex = 0;

/** What a type with a specification belongs to: together with the specification's index it tells types apart. Null for all others. */
export function ownerOf(type: NamedType): object | null {
  return type instanceof SpecifiedType ? type.owner : null;
}

/** Of the type's specification; -1 when it has none. */
export function indexOf(type: NamedType): number {
  return type instanceof SpecifiedType ? type.specification.index : -1;
}

export function specifiedObject<C, A extends About>(
  specification: ObjectSpecification<C, A>,
  context: C,
  about: A,
): ObjectType {
  return new SpecifiedFields<ObjectType, Field, C, A>('object', specification, context, about);
}

export function specifiedInputObject<C, A extends About>(
  specification: InputObjectSpecification<C, A>,
  context: C,
  about: A,
): InputObjectType {
  return new SpecifiedFields<InputObjectType, InputValue, C, A>(
    'input-object',
    specification,
    context,
    about,
  );
}

export function specifiedEnum<C, A extends About>(
  specification: EnumSpecification<C, A>,
  context: C,
  about: A,
): EnumType {
  return new SpecifiedEnumType(specification, context, about);
}

/** See `TypeSpecification`. Descriptions are seldom asked for twice, and so not kept. */
abstract class SpecifiedType<S extends TypeSpecification<C, A>, C, A extends About> extends LazyType {
  readonly specification: S;
  protected readonly context: C;
  protected readonly about: A;
  #name: string | null = null;

  constructor(specification: S, context: C, about: A) {
    super();
    this.specification = specification;
    this.context = context;
    this.about = about;
  }

  get owner(): object {
    const { about } = this;
    return 'table' in about ? about.table : about;
  }

  get name(): string {
    this.#name ??= this.specification.name(this.context, this.about);
    return this.#name;
  }

  get description(): string | null {
    return this.specification.description(this.context, this.about);
  }
}

/** An object or an input object: one class for both, so that what reads any of their fields finds them in one place. */
class SpecifiedFields<
  T extends { readonly kind: string },
  M extends Named,
  C,
  A extends About,
> extends SpecifiedType<SpecificationOfFields<T, M, C, A>, C, A> {
  readonly kind: T['kind'];
  #fields: ReadonlyMap<string, M> | null = null;

  constructor(kind: T['kind'], specification: SpecificationOfFields<T, M, C, A>, context: C, about: A) {
    super(specification, context, about);
    this.kind = kind;
  }

  get fields(): ReadonlyMap<string, M> {
    const { specification, context, about } = this;
    // T is what its kind says, so that this is one
    this.#fields ??= membersByName(specification.fields(context, about, this as unknown as T));
    return this.#fields;
  }

  get interfaces(): readonly InterfaceType[] {
    return this.specification.interfaces?.(this.context, this.about) ?? noInterfaces;
  }

  forget(): void {
    this.#fields = null;
  }
}

class SpecifiedEnumType<C, A extends About>
  extends SpecifiedType<EnumSpecification<C, A>, C, A>
  implements EnumType
{
  get kind(): 'enum' {
    return 'enum';
  }
  #values: ReadonlyMap<string, EnumTypeValue> | null = null;

  get values(): ReadonlyMap<string, EnumTypeValue> {
    this.#values ??= byName(this.specification.values(this.context, this.about));
    return this.#values;
  }

  forget(): void {
    this.#values = null;
  }
}
