/**
 * Answers `__schema` and `__type` from a role's schema, as JSON text. A selection is compiled once into writers, because a full introspection runs
 * each of them for thousands of fields. Source: GraphQL specification 4, spec/graphql-api.md 12.7.
 */
import { InvariantError, type Json, unreachable } from '../support/index.ts';
import { ByteWriter, compareNames, maximumBytes, tooLong, type Written } from './byte-output.ts';
import { type Directive, directives } from './directives.ts';
import { byName, forgetMade } from './lazy-types.ts';
import { namedTypeOf } from './reachable-types.ts';
import { ownerOf } from './specified-types.ts';
import { nullable } from './type-references.ts';
import type {
  AbstractType,
  CollectedField,
  EnumTypeValue,
  Field,
  InputValue,
  InterfaceType,
  NamedType,
  ObjectType,
  RoleSchema,
  TypeReference,
} from './types.ts';

/**
 * The JSON of the field's value, UTF-8 in pieces; `null` for a type that the role cannot reach. It is made in short steps, since a role may see hundreds of
 * thousands of types: each gives the next piece, or null while that is not full.
 * @throws RequestError in a step when the answer becomes unreasonably large
 */
export function* introspect(
  field: '__schema' | '__type',
  fieldArguments: ReadonlyMap<string, Json>,
  selection: readonly CollectedField[],
  schema: RoleSchema,
): Generator<Uint8Array | null, void> {
  const output = new ByteWriter();
  const work =
    field === '__schema'
      ? writeSchema(selection, schema, output)
      : writeType(fieldArguments.get('name'), selection, schema, output);
  let bytes = 0;
  const take = (): Uint8Array => {
    const piece = output.take();
    bytes += piece.length;
    if (bytes > maximumBytes) throw tooLong();
    return piece;
  };
  for (const _ of work) yield output.length < pieceBytes ? null : take();
  yield take();
}

/** Pieces are large enough that handing them on costs nothing to speak of. */
const pieceBytes = 256 * 1024;

type Writer<T> = (value: T, output: ByteWriter) => void;

/** The same in short steps: for what may be long. */
type SteppedWriter<T> = (value: T, output: ByteWriter) => Generator<void, void>;

/** What a member of an object is: always the same text, or text made from the value. */
type Member<T> =
  | { readonly constant: string }
  | { readonly write: Writer<T>; readonly writeInSteps?: SteppedWriter<T> };

/** How each field of an introspection type is written, given what is selected below it. */
type FieldWriters<T> = Readonly<Record<string, (selection: readonly CollectedField[]) => Member<T>>>;

type WrittenMember<T> = Exclude<Member<T>, { readonly constant: string }> & {
  /** Constant text that stands before it. */
  readonly before: Uint8Array;
};

/** Constant text is gathered, so that the fewest pieces are written for each value. */
function membersOfObject<T>(
  typeName: string,
  writers: FieldWriters<T>,
  selection: readonly CollectedField[],
): { readonly members: readonly WrittenMember<T>[]; readonly after: Uint8Array } {
  const members: WrittenMember<T>[] = [];
  let text = '{';
  for (const [index, { responseKey, field, selection: below }] of selection.entries()) {
    text += `${index === 0 ? '' : ','}${JSON.stringify(responseKey)}:`;
    const member = field === null ? constant(JSON.stringify(typeName)) : writers[field.name]?.(below);
    if (member === undefined) throw new InvariantError(`no field "${field?.name}" in "${typeName}"`);
    if ('constant' in member) {
      text += member.constant;
    } else {
      members.push({ before: Buffer.from(text), ...member });
      text = '';
    }
  }
  return { members, after: Buffer.from(`${text}}`) };
}

function objectWriter<T>(
  typeName: string,
  writers: FieldWriters<T>,
  selection: readonly CollectedField[],
): Writer<T> {
  const { members, after } = membersOfObject(typeName, writers, selection);
  return (value, output) => {
    for (const { before, write } of members) {
      output.bytes(before);
      write(value, output);
    }
    output.bytes(after);
  };
}

function steppedObjectWriter<T>(
  typeName: string,
  writers: FieldWriters<T>,
  selection: readonly CollectedField[],
): SteppedWriter<T> {
  const { members, after } = membersOfObject(typeName, writers, selection);
  return function* (value, output) {
    for (const { before, write, writeInSteps } of members) {
      output.bytes(before);
      if (writeInSteps === undefined) write(value, output);
      else yield* writeInSteps(value, output);
    }
    output.bytes(after);
  };
}

function writeList<T>(values: readonly T[], write: Writer<T>, output: ByteWriter): void {
  let separator = '[';
  for (const value of values) {
    output.text(separator);
    write(value, output);
    separator = ',';
  }
  output.text(separator === '[' ? '[]' : ']');
}

/** A member that is written in steps, or in one go where it has to be. */
function inSteps<T>(writeInSteps: SteppedWriter<T>): Member<T> {
  return {
    writeInSteps,
    write: (value, output) => {
      for (const _ of writeInSteps(value, output));
    },
  };
}

function constant(text: string): { readonly constant: string } {
  return { constant: text };
}

/** A member that is one piece of text. */
function text<T>(print: (value: T) => string): Member<T> {
  return { write: (value, output) => output.text(print(value)) };
}

/** A member that is a string or null. */
function jsonText<T>(textOf: (value: T) => string | null): Member<T> {
  return {
    write: (value, output) => {
      const text = textOf(value);
      if (text === null) output.text('null');
      else output.json(text);
    },
  };
}

function* writeSchema(
  selection: readonly CollectedField[],
  schema: RoleSchema,
  output: ByteWriter,
): Generator<void, void> {
  yield* steppedObjectWriter('__Schema', schemaFields, selection)(schema, output);
}

function* writeType(
  name: Json | undefined,
  selection: readonly CollectedField[],
  schema: RoleSchema,
  output: ByteWriter,
): Generator<void, void> {
  const write = steppedObjectWriter('__Type', typeFields, selection);
  for (const type of schema.eachType()) {
    if (type !== null && type.name === name) {
      yield* write(nullable(type), output);
      return;
    }
    yield;
  }
  output.text('null');
}

const schemaFields: FieldWriters<RoleSchema> = {
  description: () => constant('null'),
  queryType: (selection) => rootType(selection, ({ queryRoot }) => queryRoot),
  mutationType: (selection) => rootType(selection, ({ mutationRoot }) => mutationRoot),
  subscriptionType: (selection) => rootType(selection, ({ subscriptionRoot }) => subscriptionRoot),
  types: (selection) => {
    const write = steppedObjectWriter('__Type', typeFields, selection);
    return inSteps(function* (schema, output) {
      let separator = '[';
      // each type is written when it is come across, while its fields are in memory
      for (const type of schema.eachType()) {
        yield;
        if (type === null) continue;
        output.text(separator);
        yield* write(nullable(type), output);
        separator = ',';
      }
      output.text(separator === '[' ? '[]' : ']');
    });
  },
  directives: (selection) => {
    const write = objectWriter('__Directive', directiveFields, selection);
    return { write: (_, output) => writeList(directives, write, output) };
  },
};

function rootType(
  selection: readonly CollectedField[],
  rootOf: (schema: RoleSchema) => ObjectType | null,
): Member<RoleSchema> {
  const write = typeWriter(selection);
  return {
    write: (schema, output) => {
      const root = rootOf(schema);
      if (root === null) output.text('null');
      else write(nullable(root), output);
    },
  };
}

function typeWriter(selection: readonly CollectedField[]): Writer<TypeReference> {
  return objectWriter('__Type', typeFields, selection);
}

/** For positions where few types are written many times: the types of fields and arguments, and what they wrap. */
function repeatedType<T>(
  selection: readonly CollectedField[],
  typeOf: (value: T) => TypeReference,
): Member<T> {
  const write = remembered(typeWriter(selection), isShared);
  return { write: (value, output) => write(typeOf(value), output) };
}

/**
 * Writes equal values again from where the first was written. What was remembered goes with the whole map: one that is cleared keeps a link from its old
 * memory to its new one, along which the collector of young objects finds all that was ever in it alive.
 */
function remembered<T>(write: Writer<T>, isRepeated: (value: T) => boolean): Writer<T> {
  let written = new Map<T, Written>();
  let generation = 0;
  return (value, output) => {
    if (!isRepeated(value)) {
      write(value, output);
      return;
    }
    if (output.generation !== generation) {
      written = new Map();
      generation = output.generation;
    }
    const known = written.get(value);
    if (known !== undefined) {
      output.repeat(known.start, known.end);
      return;
    }
    const start = output.position;
    write(value, output);
    const kept = output.keep(start);
    if (kept === null) return;
    if (output.generation !== generation) {
      written = new Map();
      generation = output.generation;
    }
    written.set(value, kept);
  };
}

/** How many lists are looked at for whether they come again. */
const mostLists = 16;

/** The same for lists, most of which come once, and some several times soon one after the other: kept the second time. */
function rememberedList<T extends object>(write: Writer<T>): Writer<T> {
  let seen = new Set<T>();
  let written = new Map<T, Written>();
  let generation = 0;
  return (value, output) => {
    const known = output.generation === generation ? written.get(value) : undefined;
    if (known !== undefined) {
      output.repeat(known.start, known.end);
      return;
    }
    const start = output.position;
    write(value, output);
    if (!seen.has(value)) {
      if (seen.size >= mostLists) seen = new Set();
      seen.add(value);
      return;
    }
    const kept = output.keep(start);
    if (kept === null) return;
    if (output.generation !== generation || written.size >= mostLists) {
      written = new Map();
      generation = output.generation;
    }
    written.set(value, kept);
  };
}

/**
 * The same for what has a name: a column comes in many types, mostly with nothing to tell them apart.
 * @param groupOf what members of one name must share to be written alike; null: always written anew
 */
function rememberedByName<T extends { readonly name: string }>(
  write: Writer<T>,
  groupOf: (value: T) => object | null,
): Writer<T> {
  let groups = new Map<object, Map<string, Written>>();
  let generation = 0;
  return (value, output) => {
    const group = groupOf(value);
    if (group === null) {
      write(value, output);
      return;
    }
    if (output.generation !== generation) {
      groups = new Map();
      generation = output.generation;
    }
    let written = groups.get(group);
    if (written === undefined) {
      written = new Map();
      groups.set(group, written);
    }
    const known = written.get(value.name);
    if (known !== undefined) {
      output.repeat(known.start, known.end);
      return;
    }
    const start = output.position;
    write(value, output);
    const kept = output.keep(start);
    if (kept === null || output.generation !== generation) return;
    written.set(value.name, kept);
  };
}

/** The values of an enum of columns have one description. */
const columnValues = {};

const typeFields: FieldWriters<TypeReference> = {
  kind: () => text((reference) => `"${kindOf(reference)}"`),
  name: () => jsonText((reference) => (reference.kind === 'named' ? reference.type.name : null)),
  description: () =>
    jsonText((reference) =>
      reference.kind === 'named' && reference.type.kind !== 'scalar' ? reference.type.description : null,
    ),
  fields: (selection) => {
    const write = rememberedByName(
      objectWriter('__Field', fieldFields, selection),
      ({ type, description, arguments: given }) =>
        description === null && given.size === 0 && isShared(type) ? type : null,
    );
    return membersOf((type) => (hasFields(type) ? type.fields : null), listedFields, write);
  },
  interfaces: (selection) => {
    const write = typeWriter(selection);
    return listOfNamed((type) => {
      if (type.kind === 'interface') return [];
      return type.kind === 'object' ? references(type.interfaces) : null;
    }, write);
  },
  possibleTypes: (selection) => {
    const write = typeWriter(selection);
    return listOfNamed((type) => (isAbstract(type) ? references(type.possibleTypes) : null), write);
  },
  enumValues: (selection) => {
    const write = rememberedByName(
      objectWriter('__EnumValue', enumValueFields, selection),
      ({ description }) => (description === 'column name' ? columnValues : null),
    );
    return listOfNamed((type) => (type.kind === 'enum' ? sorted(type.values) : null), write);
  },
  inputFields: (selection) => {
    const write = rememberedByName(
      objectWriter('__InputValue', inputValueFields, selection),
      ({ type, description, defaultValue }) =>
        description === null && defaultValue === null && isShared(type) ? type : null,
    );
    return membersOf((type) => (type.kind === 'input-object' ? type.fields : null), sorted, write);
  },
  ofType: (selection) => {
    const write = remembered(typeWriter(selection), isShared);
    return {
      write: (reference, output) => {
        if (reference.kind === 'named') output.text('null');
        else write(reference.of, output);
      },
    };
  },
};

const fieldFields: FieldWriters<Field> = {
  name: () => jsonText(({ name }) => name),
  description: () => jsonText(({ description }) => description),
  args: (selection) => {
    // Many fields share one set of arguments: those of a table.
    const write = rememberedList(inputsWriter(selection));
    return { write: (field, output) => write(field.arguments, output) };
  },
  type: (selection) => repeatedType(selection, ({ type }) => type),
  isDeprecated: () => constant('false'),
  deprecationReason: () => constant('null'),
};

const inputValueFields: FieldWriters<InputValue> = {
  name: () => jsonText(({ name }) => name),
  description: () => jsonText(({ description }) => description),
  type: (selection) => repeatedType(selection, ({ type }) => type),
  defaultValue: () => jsonText(({ defaultValue }) => defaultValue),
};

const enumValueFields: FieldWriters<EnumTypeValue> = {
  name: () => jsonText(({ name }) => name),
  description: () => jsonText(({ description }) => description),
  isDeprecated: () => constant('false'),
  deprecationReason: () => constant('null'),
};

const directiveFields: FieldWriters<Directive> = {
  name: () => jsonText(({ name }) => name),
  description: () => jsonText(({ description }) => description),
  locations: () => text(({ locations }) => JSON.stringify(locations)),
  args: (selection) => {
    const write = inputsWriter(selection);
    return { write: (directive, output) => write(directive.arguments, output) };
  },
  isRepeatable: () => constant('false'),
};

function inputsWriter(selection: readonly CollectedField[]): Writer<ReadonlyMap<string, InputValue>> {
  const write = objectWriter('__InputValue', inputValueFields, selection);
  return (inputs, output) => writeList(sorted(inputs), write, output);
}

/** The fields of a type; types of a table share them where they are equal. */
function membersOf<T extends Field | InputValue>(
  tableOf: (type: NamedType) => ReadonlyMap<string, T> | null,
  itemsOf: (table: ReadonlyMap<string, T>) => readonly T[],
  write: Writer<T>,
): Member<TypeReference> {
  const writeMembers = rememberedList<ReadonlyMap<string, T>>((table, output) =>
    writeList(itemsOf(table), write, output),
  );
  const writeAll: Writer<TypeReference> = (reference, output) => {
    const table = reference.kind === 'named' ? tableOf(reference.type) : null;
    if (table === null) output.text('null');
    else writeMembers(table, output);
  };
  return {
    write: writeAll,
    *writeInSteps(reference, output) {
      const table = reference.kind === 'named' ? tableOf(reference.type) : null;
      if (table === null || table.size < manyMembers) {
        writeAll(reference, output);
        return;
      }
      let separator = '[';
      for (const item of itemsOf(table)) {
        output.text(separator);
        write(item, output);
        separator = ',';
        // what was made for it will not be asked for soon
        forgetMade(item);
        yield;
      }
      output.text(']');
    },
  };
}

/** Root types of large schemas have more. */
const manyMembers = 500;

/** A list that only some kinds of types have; null for the others. */
function listOfNamed<T>(
  itemsOf: (type: NamedType) => readonly T[] | null,
  write: Writer<T>,
): Member<TypeReference> {
  return {
    write: (reference, output) => {
      const items = reference.kind === 'named' ? itemsOf(reference.type) : null;
      if (items === null) output.text('null');
      else writeList(items, write, output);
    },
  };
}

/** Whether many tables refer to it. */
function isShared(reference: TypeReference): boolean {
  return ownerOf(namedTypeOf(reference)) === null;
}

function kindOf(reference: TypeReference): string {
  if (reference.kind === 'list') return 'LIST';
  if (reference.kind === 'non-null') return 'NON_NULL';
  switch (reference.type.kind) {
    case 'scalar':
      return 'SCALAR';
    case 'enum':
      return 'ENUM';
    case 'object':
      return 'OBJECT';
    case 'interface':
      return 'INTERFACE';
    case 'union':
      return 'UNION';
    case 'input-object':
      return 'INPUT_OBJECT';
    default:
      return unreachable(reference.type);
  }
}

function hasFields(type: NamedType): type is ObjectType | InterfaceType {
  return type.kind === 'object' || type.kind === 'interface';
}

function isAbstract(type: NamedType): type is AbstractType {
  return type.kind === 'interface' || type.kind === 'union';
}

/** By name, as everything in introspection. */
function references(types: readonly NamedType[]): readonly TypeReference[] {
  return [...byName(types).values()].sort(compareNames).map(nullable);
}

/** `__schema` and `__type` can be selected but are not listed. */
function listedFields(fields: ReadonlyMap<string, Field>): readonly Field[] {
  return sorted(fields).filter(({ meaning }) => meaning.kind !== 'schema' && meaning.kind !== 'type');
}

function sorted<T extends HasName>(items: ReadonlyMap<string, T>): T[] {
  return [...items.values()].sort(compareNames);
}

type HasName = { readonly name: string };
