/** The types that can be reached from the root types, which are those that introspection lists. */
import { compareNames } from './byte-output.ts';
import { introspectionTypes } from './introspection-types.ts';
import { forgetFields, forgetMade } from './lazy-types.ts';
import { strictScalars } from './scalars.ts';
import { indexOf, ownerOf, specificationCount } from './specified-types.ts';
import type { Field, InputValue, NamedType, ObjectType, TypeReference } from './types.ts';

/**
 * One type for each name; of several with one name (`text` and `varchar` are both `String`) the first stands for all. Tables come one
 * after the other, each with its types, by the names of root fields and relationships: the order of the metadata does not show.
 * @param forgets whether fields are let go as soon as the next type is asked for, as a schema that forgets its tables does
 */
export function* walkTypes(
  roots: readonly (ObjectType | null)[],
  forgets = false,
): Generator<NamedType, void> {
  const walk = new Walk();
  for (const scalar of Object.values(strictScalars)) walk.visit(scalar);
  for (const type of introspectionTypes) walk.visit(type);
  for (const root of roots) {
    if (root === null || !walk.isNew(root)) continue;
    for (const field of [...root.fields.values()].sort(compareNames)) {
      walk.visitField(field);
      if (forgets) forgetMade(field);
      for (let type = walk.next(); type !== null; type = walk.next()) {
        walk.lookInto(type);
        if (walk.isListed(type)) yield type;
        if (forgets) forgetFields(type);
      }
    }
    yield root;
    if (forgets) forgetFields(root);
  }
}

/** What was come across, and what is still to be looked into: the types of the table at hand before others, and then those of another. */
class Walk {
  readonly #names = new Set<string>();
  readonly #seen = new Set<NamedType>();
  readonly #seenOfOwners = new Map<object, Uint8Array>();
  readonly #unlisted = new Set<NamedType>();
  /** By owner; what has none has `this` for one. */
  readonly #pending = new Map<object, NamedType[]>();
  /** Of the types that are pending, without the one at hand; the next one last. */
  readonly #owners: object[] = [];
  #atHand: object = this;
  /** Many fields share the arguments of their table, and many types their fields. */
  #lastArguments: unknown = null;
  #lastFields: unknown = null;

  visit(type: NamedType): void {
    if (!this.isNew(type)) return;
    const { size } = this.#names;
    this.#names.add(type.name);
    const isFirst = this.#names.size > size;
    if (!isFirst) {
      if (type.kind === 'scalar' || type.kind === 'enum') return;
      this.#unlisted.add(type);
    }
    const owner = ownerOf(type) ?? this;
    const others = this.#pending.get(owner);
    if (others !== undefined) {
      others.push(type);
      return;
    }
    this.#pending.set(owner, [type]);
    if (owner !== this.#atHand) this.#owners.push(owner);
  }

  /** The same type is new once, also when it was made anew in between. */
  isNew(type: NamedType): boolean {
    const owner = ownerOf(type);
    if (owner === null) {
      const { size } = this.#seen;
      return this.#seen.add(type).size > size;
    }
    let seen = this.#seenOfOwners.get(owner);
    if (seen === undefined) {
      seen = new Uint8Array(specificationCount());
      this.#seenOfOwners.set(owner, seen);
    }
    const index = indexOf(type);
    if (seen[index] === 1) return false;
    seen[index] = 1;
    return true;
  }

  next(): NamedType | null {
    for (;;) {
      const type = this.#pending.get(this.#atHand)?.pop();
      if (type !== undefined) return type;
      this.#pending.delete(this.#atHand);
      const owner = this.#owners.pop();
      if (owner === undefined) return null;
      this.#atHand = owner;
    }
  }

  isListed(type: NamedType): boolean {
    return !this.#unlisted.has(type);
  }

  /** Notes what the type leads to. */
  lookInto(type: NamedType): void {
    const known = this.#owners.length;
    this.#visitBelow(type);
    if (this.#owners.length < known + 2) return;
    const firstName = (owner: object): string => this.#pending.get(owner)?.[0]?.name ?? '';
    this.#owners.push(...this.#owners.splice(known).sort((a, b) => (firstName(a) < firstName(b) ? 1 : -1)));
  }

  #visitBelow(type: NamedType): void {
    switch (type.kind) {
      case 'input-object':
        if (this.#areOthers(type.fields)) this.#visitInputs(type.fields);
        return;
      case 'object':
        this.#visitFields(type.fields);
        for (const one of type.interfaces) this.visit(one);
        return;
      case 'interface':
        this.#visitFields(type.fields);
        for (const one of type.possibleTypes) this.visit(one);
        return;
      case 'union':
        for (const one of type.possibleTypes) this.visit(one);
        return;
      case 'enum':
      case 'scalar':
        return;
    }
  }

  visitField({ type, arguments: given }: Field): void {
    this.visit(namedTypeOf(type));
    if (given.size === 0 || given === this.#lastArguments) return;
    this.#lastArguments = given;
    this.#visitInputs(given);
  }

  #visitFields(fields: ReadonlyMap<string, Field>): void {
    if (this.#areOthers(fields)) for (const field of fields.values()) this.visitField(field);
  }

  #visitInputs(inputs: ReadonlyMap<string, InputValue>): void {
    for (const { type } of inputs.values()) this.visit(namedTypeOf(type));
  }

  #areOthers(fields: unknown): boolean {
    if (fields === this.#lastFields) return false;
    this.#lastFields = fields;
    return true;
  }
}

/** By name, sorted. */
export function reachableTypes(roots: readonly (ObjectType | null)[]): ReadonlyMap<string, NamedType> {
  return sortedByName([...walkTypes(roots)]);
}

export function sortedByName(types: readonly NamedType[]): ReadonlyMap<string, NamedType> {
  const entries = types.map((type) => [type.name, type] as const);
  return new Map(entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

export function namedTypeOf(reference: TypeReference): NamedType {
  let current = reference;
  while (current.kind !== 'named') current = current.of;
  return current.type;
}
