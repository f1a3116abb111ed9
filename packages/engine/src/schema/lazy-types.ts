/**
 * Object and input types whose fields are made when they are first asked for, so that types may name each other in circles and a role
 * pays only for what it uses. Also the references to types; equal references are one object.
 */
import type {
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
  makeFields: () => Iterable<Field>,
  makeInterfaces?: () => readonly InterfaceType[],
): ObjectType {
  return new LazyObjectType(name, description, makeFields, makeInterfaces ?? null);
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

export function inputObjectType(
  name: string,
  description: string | null,
  makeFields: () => Iterable<InputValue>,
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

/** By name; of two with one name the first stays. */
export function byName<T extends { readonly name: string }>(items: Iterable<T>): ReadonlyMap<string, T> {
  const map = new Map<string, T>();
  for (const item of items) if (!map.has(item.name)) map.set(item.name, item);
  return map;
}

export function nullable(type: NamedType): TypeReference {
  const known = nullableReferences.get(type);
  if (known !== undefined) return known;
  const made: TypeReference = { kind: 'named', type };
  nullableReferences.set(type, made);
  return made;
}

/** `T!`, or `[…]!` for a list. */
export function required(of: NamedType | TypeReference): TypeReference {
  const inner = isReference(of) ? of : nullable(of);
  const known = requiredReferences.get(inner);
  if (known !== undefined) return known;
  const made: TypeReference = { kind: 'non-null', of: inner };
  requiredReferences.set(inner, made);
  return made;
}

/** `[T!]`. */
export function listOfRequired(of: NamedType | TypeReference): TypeReference {
  return listOf(required(of));
}

export function listOf(of: TypeReference): TypeReference {
  const known = listReferences.get(of);
  if (known !== undefined) return known;
  const made: TypeReference = { kind: 'list', of };
  listReferences.set(of, made);
  return made;
}

const noArguments: ReadonlyMap<string, InputValue> = new Map();
const nullableReferences = new WeakMap<NamedType, TypeReference>();
const requiredReferences = new WeakMap<TypeReference, TypeReference>();
const listReferences = new WeakMap<TypeReference, TypeReference>();

function isReference(of: NamedType | TypeReference): of is TypeReference {
  return of.kind === 'named' || of.kind === 'list' || of.kind === 'non-null';
}

class LazyField implements Field {
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
}

class LazyObjectType implements ObjectType {
  readonly kind = 'object';
  readonly name: string;
  readonly description: string | null;
  #makeFields: (() => Iterable<Field>) | null;
  #fields: ReadonlyMap<string, Field> = new Map();
  #makeInterfaces: (() => readonly InterfaceType[]) | null;
  #interfaces: readonly InterfaceType[] = [];

  constructor(
    name: string,
    description: string | null,
    makeFields: () => Iterable<Field>,
    makeInterfaces: (() => readonly InterfaceType[]) | null,
  ) {
    this.name = name;
    this.description = description;
    this.#makeFields = makeFields;
    this.#makeInterfaces = makeInterfaces;
  }

  get fields(): ReadonlyMap<string, Field> {
    if (this.#makeFields !== null) {
      this.#fields = byName(this.#makeFields());
      this.#makeFields = null;
    }
    return this.#fields;
  }

  get interfaces(): readonly InterfaceType[] {
    if (this.#makeInterfaces !== null) {
      this.#interfaces = this.#makeInterfaces();
      this.#makeInterfaces = null;
    }
    return this.#interfaces;
  }
}

class LazyInterfaceType implements InterfaceType {
  readonly kind = 'interface';
  readonly name: string;
  readonly description: string | null;
  #makeFields: (() => Iterable<Field>) | null;
  #fields: ReadonlyMap<string, Field> = new Map();
  #makePossibleTypes: (() => readonly ObjectType[]) | null;
  #possibleTypes: readonly ObjectType[] = [];

  constructor(
    name: string,
    description: string | null,
    makeFields: () => Iterable<Field>,
    makePossibleTypes: () => readonly ObjectType[],
  ) {
    this.name = name;
    this.description = description;
    this.#makeFields = makeFields;
    this.#makePossibleTypes = makePossibleTypes;
  }

  get fields(): ReadonlyMap<string, Field> {
    if (this.#makeFields !== null) {
      this.#fields = byName(this.#makeFields());
      this.#makeFields = null;
    }
    return this.#fields;
  }

  get possibleTypes(): readonly ObjectType[] {
    if (this.#makePossibleTypes !== null) {
      this.#possibleTypes = this.#makePossibleTypes();
      this.#makePossibleTypes = null;
    }
    return this.#possibleTypes;
  }
}

class LazyUnionType implements UnionType {
  readonly kind = 'union';
  readonly name: string;
  readonly description: string | null;
  #makePossibleTypes: (() => readonly ObjectType[]) | null;
  #possibleTypes: readonly ObjectType[] = [];

  constructor(name: string, description: string | null, makePossibleTypes: () => readonly ObjectType[]) {
    this.name = name;
    this.description = description;
    this.#makePossibleTypes = makePossibleTypes;
  }

  get possibleTypes(): readonly ObjectType[] {
    if (this.#makePossibleTypes !== null) {
      this.#possibleTypes = this.#makePossibleTypes();
      this.#makePossibleTypes = null;
    }
    return this.#possibleTypes;
  }
}

class LazyInputObjectType implements InputObjectType {
  readonly kind = 'input-object';
  readonly name: string;
  readonly description: string | null;
  #makeFields: (() => Iterable<InputValue>) | null;
  #fields: ReadonlyMap<string, InputValue> = new Map();

  constructor(name: string, description: string | null, makeFields: () => Iterable<InputValue>) {
    this.name = name;
    this.description = description;
    this.#makeFields = makeFields;
  }

  get fields(): ReadonlyMap<string, InputValue> {
    if (this.#makeFields !== null) {
      this.#fields = byName(this.#makeFields());
      this.#makeFields = null;
    }
    return this.#fields;
  }
}
