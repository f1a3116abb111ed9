/**
 * Answers `__schema` and `__type` from a role's schema, as JSON text. A selection is compiled once into writers, because a full introspection runs
 * each of them for thousands of fields. Source: GraphQL specification 4, spec/graphql-api.md 12.7.
 */
import { InvariantError, type Json, unreachable } from '../support/index.ts';
import { ByteWriter, compareNames, SortedList, type Written } from './byte-output.ts';
import { type Directive, directives } from './directives.ts';
import { byName } from './lazy-types.ts';
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
 * The JSON of the field's value, UTF-8 in pieces; `null` for a type that the role cannot reach. It is made in steps of one type each, since a role may see
 * hundreds of thousands of them.
 * @throws RequestError in a step when the answer would be unreasonably large
 */
export function* introspect(
  field: '__schema' | '__type',
  fieldArguments: ReadonlyMap<string, Json>,
  selection: readonly CollectedField[],
  schema: RoleSchema,
): Generator<void, readonly Uint8Array[]> {
  if (field === '__schema') return yield* writeSchema(selection, schema);
  const name = fieldArguments.get('name');
  const write = typeWriter(selection);
  const output = new ByteWriter();
  for (const type of schema.eachType()) {
    if (type.name === name) write(nullable(type), output);
    yield;
  }
  if (output.position === 0) output.text('null');
  return [output.view()];
}

type Writer<T> = (value: T, output: ByteWriter) => void;

/** What a member of an object is: always the same text, or text made from the value. */
type Member<T> = { readonly constant: string } | { readonly write: Writer<T> };

/** How each field of an introspection type is written, given what is selected below it. */
type FieldWriters<T> = Readonly<Record<string, (selection: readonly CollectedField[]) => Member<T>>>;

function objectWriter<T>(
  typeName: string,
  writers: FieldWriters<T>,
  selection: readonly CollectedField[],
): Writer<T> {
  // Constant text is gathered, so that the fewest pieces are written for each value.
  const steps: { readonly before: Uint8Array; readonly write: Writer<T> }[] = [];
  let text = '{';
  for (const [index, { responseKey, field, selection: below }] of selection.entries()) {
    text += `${index === 0 ? '' : ','}${JSON.stringify(responseKey)}:`;
    const member = field === null ? constant(JSON.stringify(typeName)) : writers[field.name]?.(below);
    if (member === undefined) throw new InvariantError(`no field "${field?.name}" in "${typeName}"`);
    if ('constant' in member) {
      text += member.constant;
    } else {
      steps.push({ before: Buffer.from(text), write: member.write });
      text = '';
    }
  }
  const after = Buffer.from(`${text}}`);
  return (value, output) => {
    for (const { before, write } of steps) {
      output.bytes(before);
      write(value, output);
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

function constant(text: string): { readonly constant: string } {
  return { constant: text };
}

/** A member that is one piece of text. */
function text<T>(print: (value: T) => string): Member<T> {
  return { write: (value, output) => output.text(print(value)) };
}

const printDescription = ({ description }: { readonly description: string | null }): string =>
  description === null ? 'null' : JSON.stringify(description);

/** GraphQL names need no escapes. */
const printName = ({ name }: { readonly name: string }): string => `"${name}"`;

function* writeSchema(
  selection: readonly CollectedField[],
  schema: RoleSchema,
): Generator<void, readonly Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  let output = new ByteWriter();
  let separator = '{';
  for (const { responseKey, field, selection: below } of selection) {
    output.text(`${separator}${JSON.stringify(responseKey)}:`);
    separator = ',';
    if (field?.name === 'types') {
      pieces.push(output.view(), ...(yield* writeTypes(typeWriter(below), schema)));
      output = new ByteWriter();
      continue;
    }
    const member = field === null ? constant('"__Schema"') : schemaFields[field.name]?.(below);
    if (member === undefined) throw new InvariantError(`no field "${field?.name}" in "__Schema"`);
    if ('constant' in member) output.text(member.constant);
    else member.write(schema, output);
  }
  output.text(separator === '{' ? '{}' : '}');
  return [...pieces, output.view()];
}

/** Each type is written when it is come across, while its fields are in memory. */
function* writeTypes(
  write: Writer<TypeReference>,
  schema: RoleSchema,
): Generator<void, readonly Uint8Array[]> {
  const list = new SortedList();
  for (const type of schema.eachType()) {
    list.add(type.name, (output) => write(nullable(type), output));
    yield;
  }
  return list.pieces();
}

const schemaFields: FieldWriters<RoleSchema> = {
  description: () => constant('null'),
  queryType: (selection) => rootType(selection, ({ queryRoot }) => queryRoot),
  mutationType: (selection) => rootType(selection, ({ mutationRoot }) => mutationRoot),
  subscriptionType: (selection) => rootType(selection, ({ subscriptionRoot }) => subscriptionRoot),
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
  const write = remembered(typeWriter(selection));
  return { write: (value, output) => write(typeOf(value), output) };
}

/**
 * Writes equal values again from where the first was written. What was remembered goes with the whole map: one that is cleared keeps a link from its old
 * memory to its new one, along which the collector of young objects finds all that was ever in it alive.
 */
function remembered<T>(write: Writer<T>, most = Number.POSITIVE_INFINITY): Writer<T> {
  let written = new Map<T, Written>();
  let generation = 0;
  return (value, output) => {
    if (output.generation !== generation || written.size >= most) {
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
    written.set(value, { start, end: output.position });
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
    written.set(value.name, { start, end: output.position });
  };
}

/** The values of an enum of columns have one description. */
const columnValues = {};

const typeFields: FieldWriters<TypeReference> = {
  kind: () => text((reference) => `"${kindOf(reference)}"`),
  name: () => text((reference) => (reference.kind === 'named' ? printName(reference.type) : 'null')),
  description: () =>
    text((reference) =>
      reference.kind === 'named' && reference.type.kind !== 'scalar'
        ? printDescription(reference.type)
        : 'null',
    ),
  fields: (selection) => {
    const write = rememberedByName(
      objectWriter('__Field', fieldFields, selection),
      ({ type, description, arguments: given }) => (description === null && given.size === 0 ? type : null),
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
      ({ type, description, defaultValue }) => (description === null && defaultValue === null ? type : null),
    );
    return membersOf((type) => (type.kind === 'input-object' ? type.fields : null), sorted, write);
  },
  ofType: (selection) => {
    const write = remembered(typeWriter(selection));
    return {
      write: (reference, output) => {
        if (reference.kind === 'named') output.text('null');
        else write(reference.of, output);
      },
    };
  },
};

const fieldFields: FieldWriters<Field> = {
  name: () => text(printName),
  description: () => text(printDescription),
  args: (selection) => {
    // Many fields share one set of arguments: those of a table.
    const write = remembered(inputsWriter(selection));
    return { write: (field, output) => write(field.arguments, output) };
  },
  type: (selection) => repeatedType(selection, ({ type }) => type),
  isDeprecated: () => constant('false'),
  deprecationReason: () => constant('null'),
};

const inputValueFields: FieldWriters<InputValue> = {
  name: () => text(printName),
  description: () => text(printDescription),
  type: (selection) => repeatedType(selection, ({ type }) => type),
  defaultValue: () =>
    text(({ defaultValue }) => (defaultValue === null ? 'null' : JSON.stringify(defaultValue))),
};

const enumValueFields: FieldWriters<EnumTypeValue> = {
  name: () => text(printName),
  description: () => text(printDescription),
  isDeprecated: () => constant('false'),
  deprecationReason: () => constant('null'),
};

const directiveFields: FieldWriters<Directive> = {
  name: () => text(printName),
  description: () => text(printDescription),
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
function membersOf<T extends HasName>(
  tableOf: (type: NamedType) => ReadonlyMap<string, T> | null,
  itemsOf: (table: ReadonlyMap<string, T>) => readonly T[],
  write: Writer<T>,
): Member<TypeReference> {
  // few at a time, or all fields would be there as long as a window
  const writeMembers = remembered<ReadonlyMap<string, T>>(
    (table, output) => writeList(itemsOf(table), write, output),
    16,
  );
  return {
    write: (reference, output) => {
      const table = reference.kind === 'named' ? tableOf(reference.type) : null;
      if (table === null) output.text('null');
      else writeMembers(table, output);
    },
  };
}

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
