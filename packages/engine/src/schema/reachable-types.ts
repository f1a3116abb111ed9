/** The types that can be reached from the root types, which are those that introspection lists. */
import { introspectionTypes } from './introspection-types.ts';
import { forgetFields, forgetMade } from './lazy-types.ts';
import { sortedMembers } from './members.ts';
import { strictScalars } from './scalars.ts';
import { indexOf, ownerOf } from './specified-types.ts';
import type { Field, InputValue, NamedType, ObjectType, TypeReference } from './types.ts';

/**
 * One type for each name; of several with one name (`text` and `varchar` are both `String`) the first stands for all. Tables come one
 * after the other, each with its types, by the names of root fields and relationships: the order of the metadata does not show.
 * @param options.forgets whether fields are let go as soon as the next type is asked for, as a schema that forgets its tables does
 * @param options.mayTypesOfTablesMeet false spares the comparison of names that no two types can have: see `RoleSchemaOptions`
 */
export function* walkTypes(
  roots: readonly (ObjectType | null)[],
  options: { readonly forgets?: boolean; readonly mayTypesOfTablesMeet?: boolean } = {},
): Generator<NamedType, void> {
  const { forgets = false, mayTypesOfTablesMeet = true } = options;
  const walk = new Walk(mayTypesOfTablesMeet);
  for (const scalar of Object.values(strictScalars)) walk.visit(scalar);
  for (const type of introspectionTypes) walk.visit(type);
  for (const root of roots) {
    if (root === null || !walk.beginsWith(root)) continue;
    for (const field of sortedMembers(root.fields)) {
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

/** What was come across of one table; or of all that belongs to none, which is looked into first. */
interface Owned {
  /** The indexes of specifications, a bit for each, in words of 30 bits. */
  readonly seen: number[];
  /** To be looked into; the next one last. */
  readonly pending: NamedType[];
}

const bitsOfWord = 30;

/** What was come across, and what is still to be looked into: the types of the table at hand before others, and then those of another. */
class Walk {
  readonly #mayTypesOfTablesMeet: boolean;
  readonly #names = new Set<string>();
  /** Types that belong to no table. */
  readonly #seen = new Set<NamedType>();
  readonly #unlisted = new Set<NamedType>();
  readonly #tables = new Map<object, Owned>();
  readonly #shared: Owned = { seen: [], pending: [] };
  /** Of the types that are pending, without the one at hand; the next one last. */
  readonly #owners: Owned[] = [];
  #atHand: Owned = this.#shared;
  /** Most types that are come across belong to the table that the last one belonged to. */
  #lastTable: object | null = null;
  #ofLastTable: Owned = this.#shared;
  /** Many fields share the arguments of their table, and many types their fields. */
  #lastArguments: unknown = null;
  #lastFields: unknown = null;

  constructor(mayTypesOfTablesMeet: boolean) {
    this.#mayTypesOfTablesMeet = mayTypesOfTablesMeet;
  }

  visit(type: NamedType): void {
    const table = ownerOf(type);
    const owned = table === null ? this.#shared : this.#ownedBy(table);
    if (table === null ? !this.#isNew(type) : !isNewOf(owned, indexOf(type))) return;
    if ((table === null || this.#mayTypesOfTablesMeet) && !this.#isFirstOfName(type)) {
      if (type.kind === 'scalar' || type.kind === 'enum') return;
      this.#unlisted.add(type);
    }
    if (owned.pending.length === 0 && owned !== this.#atHand) this.#owners.push(owned);
    owned.pending.push(type);
  }

  #isFirstOfName({ name }: NamedType): boolean {
    const { size } = this.#names;
    return this.#names.add(name).size > size;
  }

  /** A root is told last of all, when everything that it leads to was. */
  beginsWith(root: ObjectType): boolean {
    return this.#isNew(root);
  }

  #isNew(type: NamedType): boolean {
    const { size } = this.#seen;
    return this.#seen.add(type).size > size;
  }

  #ownedBy(table: object): Owned {
    if (table === this.#lastTable) return this.#ofLastTable;
    let owned = this.#tables.get(table);
    if (owned === undefined) {
      owned = { seen: [], pending: [] };
      this.#tables.set(table, owned);
    }
    this.#lastTable = table;
    this.#ofLastTable = owned;
    return owned;
  }

  next(): NamedType | null {
    for (;;) {
      const type = this.#atHand.pending.pop();
      if (type !== undefined) return type;
      const owned = this.#owners.pop();
      if (owned === undefined) return null;
      this.#atHand = owned;
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
    const firstName = ({ pending }: Owned): string => pending[0]?.name ?? '';
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
    if (given === this.#lastArguments || sortedMembers(given).length === 0) return;
    this.#lastArguments = given;
    this.#visitInputs(given);
  }

  #visitFields(fields: ReadonlyMap<string, Field>): void {
    if (this.#areOthers(fields)) for (const field of sortedMembers(fields)) this.visitField(field);
  }

  #visitInputs(inputs: ReadonlyMap<string, InputValue>): void {
    for (const { type } of sortedMembers(inputs)) this.visit(namedTypeOf(type));
  }

  #areOthers(fields: unknown): boolean {
    if (fields === this.#lastFields) return false;
    this.#lastFields = fields;
    return true;
  }
}

/** The same type is new once, also when it was made anew in between. */
function isNewOf({ seen }: Owned, index: number): boolean {
  const at = Math.floor(index / bitsOfWord);
  const bit = 1 << (index % bitsOfWord);
  while (seen.length <= at) seen.push(0);
  const word = seen[at] ?? 0;
  if ((word & bit) !== 0) return false;
  seen[at] = word | bit;
  return true;
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
