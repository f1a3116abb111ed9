/** References to types: `T`, `T!`, `[T!]`. Equal references are one object. */
import type { NamedType, TypeReference } from './types.ts';

export function nullable(type: NamedType): TypeReference {
  if (type instanceof ReferencedType) return ReferencedType.referenceTo(type);
  const known = plainReferences.get(type);
  if (known !== undefined) return known;
  const made = new NamedReference(type);
  plainReferences.set(type, made);
  return made;
}

/** `T!`, or `[…]!` for a list. */
export function required(of: NamedType | TypeReference): TypeReference {
  return Reference.required(isReference(of) ? of : nullable(of));
}

/** `[T!]`. */
export function listOfRequired(of: NamedType | TypeReference): TypeReference {
  return listOf(required(of));
}

export function listOf(of: TypeReference): TypeReference {
  return Reference.listOf(of);
}

/** A type that keeps the reference to itself. */
export abstract class ReferencedType {
  #reference: TypeReference | undefined;

  static referenceTo(type: ReferencedType & NamedType): TypeReference {
    type.#reference ??= new NamedReference(type);
    return type.#reference;
  }
}

/** Of the types that do not keep the reference to themselves. */
const plainReferences = new WeakMap<NamedType, TypeReference>();

function isReference(of: NamedType | TypeReference): of is TypeReference {
  return of.kind === 'named' || of.kind === 'list' || of.kind === 'non-null';
}

/** References are made in great numbers; each keeps those that wrap it, which costs less than a table of them. */
abstract class Reference {
  #required: TypeReference | undefined;
  #list: TypeReference | undefined;

  static required(of: TypeReference): TypeReference {
    if (!(of instanceof Reference)) return { kind: 'non-null', of };
    of.#required ??= new WrappingReference('non-null', of);
    return of.#required;
  }

  static listOf(of: TypeReference): TypeReference {
    if (!(of instanceof Reference)) return { kind: 'list', of };
    of.#list ??= new WrappingReference('list', of);
    return of.#list;
  }
}

class NamedReference extends Reference {
  readonly kind = 'named';
  readonly type: NamedType;

  constructor(type: NamedType) {
    super();
    this.type = type;
  }
}

class WrappingReference<K extends 'list' | 'non-null'> extends Reference {
  readonly kind: K;
  readonly of: TypeReference;

  constructor(kind: K, of: TypeReference) {
    super();
    this.kind = kind;
    this.of = of;
  }
}
