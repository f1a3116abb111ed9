/**
 * Object and input types whose fields are made when they are first asked for, so that types may name each other in circles and a role
 * pays only for what it uses.
 */
import { byName, type Members, membersByName } from './members.ts';
import { ReferencedType } from './type-references.ts';
import type {
  EnumType,
  EnumTypeValue,
  Field,
  InputObjectType,
  InputValue,
  InterfaceType,
  NamedType,
  ObjectType,
  TypeReference,
  UnionType,
} from './types.ts';

export function objectType(
  name: string,
  description: string | null,
  makeFields: () => Members<Field>,
  makeInterfaces?: () => readonly InterfaceType[],
  makeUnions?: () => readonly UnionType[],
): ObjectType {
  return new LazyObjectType(
    name,
    description,
    makeFields,
    makeInterfaces ?? null,
    makeUnions ?? null,
    noFields,
  );
}

/** @param metaFields see `ObjectType` */
export function queryRootType(
  makeFields: () => Members<Field>,
  metaFields: ReadonlyMap<string, Field>,
): ObjectType {
  return new LazyObjectType('query_root', null, makeFields, null, null, metaFields);
}

/** The types that `makePossibleTypes` gives name the interface among theirs. */
export function interfaceType(
  name: string,
  description: string | null,
  makeFields: () => Iterable<Field>,
  makePossibleTypes: () => readonly ObjectType[],
): InterfaceType {
  return new LazyInterfaceType(name, description, makeFields, makePossibleTypes);
}

export function unionType(
  name: string,
  description: string | null,
  makePossibleTypes: () => readonly ObjectType[],
): UnionType {
  return new LazyUnionType(name, description, makePossibleTypes);
}

export function enumType(
  name: string,
  description: string | null,
  makeValues: () => Iterable<EnumTypeValue>,
): EnumType {
  return new LazyEnumType(name, description, makeValues);
}

export function inputObjectType(
  name: string,
  description: string | null,
  makeFields: () => Members<InputValue>,
): InputObjectType {
  return new LazyInputObjectType(name, description, makeFields);
}

export function field(
  name: string,
  description: string | null,
  type: TypeReference,
  meaning: Field['meaning'],
  fieldArguments: ReadonlyMap<string, InputValue> = noArguments,
): Field {
  return { name, description, type, arguments: fieldArguments, meaning };
}

/** A field whose type and arguments are made when they are first asked for: a root type has one for each table. */
export function lazyField(
  name: string,
  description: string | null,
  meaning: Field['meaning'],
  makeType: () => TypeReference,
  makeArguments: () => ReadonlyMap<string, InputValue>,
): Field {
  return new LazyField(name, description, meaning, makeType, makeArguments);
}

export function inputValue(
  name: string,
  description: string | null,
  type: TypeReference,
  meaning: InputValue['meaning'],
  defaultValue: string | null = null,
): InputValue {
  return { name, description, type, defaultValue, meaning };
}

/** Lets go of the type and the arguments of a field, where they can be made anew. */
export function forgetMade(member: Field | InputValue): void {
  if (member instanceof ForgettableField) member.forget();
}

/**
 * Lets go of fields that were made, where they can be made anew. A schema of hundreds of thousands of types is walked through with few of
 * them in memory.
 */
export function forgetFields(type: NamedType): void {
  if (type instanceof LazyType) type.forget();
}

const noArguments: ReadonlyMap<string, InputValue> = byName<InputValue>([]);
const noFields: ReadonlyMap<string, Field> = byName<Field>([]);

/** A field whose type and arguments can be made anew. */
export abstract class ForgettableField {
  abstract forget(): void;
}

class LazyField extends ForgettableField implements Field {
  readonly name: string;
  readonly description: string | null;
  readonly meaning: Field['meaning'];
  readonly #makeType: () => TypeReference;
  readonly #makeArguments: () => ReadonlyMap<string, InputValue>;
  #type: TypeReference | undefined;
  #arguments: ReadonlyMap<string, InputValue> | undefined;

  constructor(
    name: string,
    description: string | null,
    meaning: Field['meaning'],
    makeType: () => TypeReference,
    makeArguments: () => ReadonlyMap<string, InputValue>,
  ) {
    super();
    this.name = name;
    this.description = description;
    this.meaning = meaning;
    this.#makeType = makeType;
    this.#makeArguments = makeArguments;
  }

  get type(): TypeReference {
    this.#type ??= this.#makeType();
    return this.#type;
  }

  get arguments(): ReadonlyMap<string, InputValue> {
    this.#arguments ??= this.#makeArguments();
    return this.#arguments;
  }

  forget(): void {
    this.#type = undefined;
    this.#arguments = undefined;
  }
}

/** A type whose parts can be made anew. */
export abstract class LazyType extends ReferencedType {
  abstract forget(): void;
}

class LazyObjectType extends LazyType implements ObjectType {
  readonly kind = 'object';
  readonly name: string;
  readonly description: string | null;
  readonly metaFields: ReadonlyMap<string, Field>;
  readonly #makeFields: () => Members<Field>;
  readonly #makeInterfaces: (() => readonly InterfaceType[]) | null;
  readonly #makeUnions: (() => readonly UnionType[]) | null;
  #fields: ReadonlyMap<string, Field> | null = null;
  #interfaces: readonly InterfaceType[] | null = null;
  #unions: readonly UnionType[] | null = null;

  constructor(
    name: string,
    description: string | null,
    makeFields: () => Members<Field>,
    makeInterfaces: (() => readonly InterfaceType[]) | null,
    makeUnions: (() => readonly UnionType[]) | null,
    metaFields: ReadonlyMap<string, Field>,
  ) {
    super();
    this.name = name;
    this.description = description;
    this.metaFields = metaFields;
    this.#makeFields = makeFields;
    this.#makeInterfaces = makeInterfaces;
    this.#makeUnions = makeUnions;
  }

  get fields(): ReadonlyMap<string, Field> {
    this.#fields ??= membersByName(this.#makeFields());
    return this.#fields;
  }

  get interfaces(): readonly InterfaceType[] {
    if (this.#makeInterfaces === null) return noInterfaces;
    this.#interfaces ??= this.#makeInterfaces();
    return this.#interfaces;
  }

  get unions(): readonly UnionType[] {
    if (this.#makeUnions === null) return noUnions;
    this.#unions ??= this.#makeUnions();
    return this.#unions;
  }

  forget(): void {
    this.#fields = null;
  }
}

export const noInterfaces: readonly InterfaceType[] = [];
const noUnions: readonly UnionType[] = [];

class LazyInterfaceType extends LazyType implements InterfaceType {
  readonly kind = 'interface';
  readonly name: string;
  readonly description: string | null;
  readonly #makeFields: () => Iterable<Field>;
  readonly #makePossibleTypes: () => readonly ObjectType[];
  #fields: ReadonlyMap<string, Field> | null = null;
  #possibleTypes: readonly ObjectType[] | null = null;

  constructor(
    name: string,
    description: string | null,
    makeFields: () => Iterable<Field>,
    makePossibleTypes: () => readonly ObjectType[],
  ) {
    super();
    this.name = name;
    this.description = description;
    this.#makeFields = makeFields;
    this.#makePossibleTypes = makePossibleTypes;
  }

  get fields(): ReadonlyMap<string, Field> {
    this.#fields ??= byName(this.#makeFields());
    return this.#fields;
  }

  get possibleTypes(): readonly ObjectType[] {
    this.#possibleTypes ??= this.#makePossibleTypes();
    return this.#possibleTypes;
  }

  forget(): void {
    this.#fields = null;
  }
}

class LazyUnionType extends LazyType implements UnionType {
  readonly kind = 'union';
  readonly name: string;
  readonly description: string | null;
  readonly #makePossibleTypes: () => readonly ObjectType[];
  #possibleTypes: readonly ObjectType[] | null = null;

  constructor(name: string, description: string | null, makePossibleTypes: () => readonly ObjectType[]) {
    super();
    this.name = name;
    this.description = description;
    this.#makePossibleTypes = makePossibleTypes;
  }

  get possibleTypes(): readonly ObjectType[] {
    this.#possibleTypes ??= this.#makePossibleTypes();
    return this.#possibleTypes;
  }

  forget(): void {}
}

class LazyEnumType extends LazyType implements EnumType {
  readonly kind = 'enum';
  readonly name: string;
  readonly description: string | null;
  readonly #makeValues: () => Iterable<EnumTypeValue>;
  #values: ReadonlyMap<string, EnumTypeValue> | null = null;

  constructor(name: string, description: string | null, makeValues: () => Iterable<EnumTypeValue>) {
    super();
    this.name = name;
    this.description = description;
    this.#makeValues = makeValues;
  }

  get values(): ReadonlyMap<string, EnumTypeValue> {
    this.#values ??= byName(this.#makeValues());
    return this.#values;
  }

  forget(): void {
    this.#values = null;
  }
}

class LazyInputObjectType extends LazyType implements InputObjectType {
  readonly kind = 'input-object';
  readonly name: string;
  readonly description: string | null;
  readonly #makeFields: () => Members<InputValue>;
  #fields: ReadonlyMap<string, InputValue> | null = null;

  constructor(name: string, description: string | null, makeFields: () => Members<InputValue>) {
    super();
    this.name = name;
    this.description = description;
    this.#makeFields = makeFields;
  }

  get fields(): ReadonlyMap<string, InputValue> {
    this.#fields ??= membersByName(this.#makeFields());
    return this.#fields;
  }

  forget(): void {
    this.#fields = null;
  }
}
