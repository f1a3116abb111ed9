/** Answers `__schema` and `__type` from a role's schema, as JSON text. Source: GraphQL specification 4, spec/graphql-api.md 12.7. */
import type { Json } from '../support/index.ts';
import { ByteWriter, maximumBytes, pieceBytes, tooLong } from './byte-output.ts';
import { type Directive, directives } from './directives.ts';
import {
  constant,
  type FieldWriters,
  lazily,
  list,
  type Member,
  objectWriter,
  remembered,
  rememberedByName,
  rememberedList,
  type SteppedWriter,
  steppedObjectWriter,
  text,
  type Writer,
  writeList,
  writeListInSteps,
} from './introspection-writers.ts';
import { forgetMade } from './lazy-types.ts';
import { byName, sortedMembers } from './members.ts';
import { namedTypeOf } from './reachable-types.ts';
import { ownerOf } from './specified-types.ts';
import type {
  CollectedField,
  EnumType,
  EnumTypeValue,
  Field,
  InputObjectType,
  InputValue,
  InterfaceType,
  NamedType,
  ObjectType,
  RoleSchema,
  ScalarType,
  TypeReference,
  UnionType,
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
      ? steppedObjectWriter('__Schema', schemaFields, selection)(schema, output)
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

function* writeType(
  name: Json | undefined,
  selection: readonly CollectedField[],
  schema: RoleSchema,
  output: ByteWriter,
): Generator<void, void> {
  for (const type of schema.eachType()) {
    if (type !== null && type.name === name) {
      yield* longTypeWriter(selection)(type, output);
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
  types: (selection) => inSteps(typesWriter(selection)),
  directives: (selection) => list(() => directives, objectWriter('__Directive', directiveFields, selection)),
};

/** A member that is written in steps, or in one go where it has to be. */
function inSteps<T>(writeInSteps: SteppedWriter<T>): Member<T> {
  return {
    writeInSteps,
    write: (value, output) => {
      for (const _ of writeInSteps(value, output));
    },
  };
}

/** Most types are short: a step for each would cost more than it. */
const typesInOneStep = 8;

function typesWriter(selection: readonly CollectedField[]): SteppedWriter<RoleSchema> {
  const write = namedTypeWriter(selection);
  const writeLong = longTypeWriter(selection);
  return function* (schema, output) {
    let separator = '[';
    let steps = 0;
    // each type is written when it is come across, while its fields are in memory
    for (const type of schema.eachType()) {
      if (++steps % typesInOneStep === 0) yield;
      if (type === null) continue;
      output.text(separator);
      if (isLong(type)) yield* writeLong(type, output);
      else write(type, output);
      separator = ',';
    }
    output.text(separator === '[' ? '[]' : ']');
  };
}

/** Whether it has so many fields that they are better written in steps, as the root types of large schemas have. */
function isLong(type: NamedType): boolean {
  return type.kind === 'object' && sortedMembers(type.fields).length >= manyFields;
}

const manyFields = 500;

function rootType(
  selection: readonly CollectedField[],
  rootOf: (schema: RoleSchema) => ObjectType | null,
): Member<RoleSchema> {
  const write = namedTypeWriter(selection);
  return {
    write: (schema, output) => {
      const root = rootOf(schema);
      if (root === null) output.text('null');
      else write(root, output);
    },
  };
}

/** A type in steps where it may be long. */
function longTypeWriter(selection: readonly CollectedField[]): SteppedWriter<NamedType> {
  const write = namedTypeWriter(selection);
  const writeObject = steppedObjectWriter('__Type', objectFields, selection);
  return function* (type, output) {
    if (type.kind === 'object') yield* writeObject(type, output);
    else write(type, output);
  };
}

/** Each kind of type has a writer of its own, in which most members are constant. */
function namedTypeWriter(selection: readonly CollectedField[]): Writer<NamedType> {
  const writerOf = <T>(fields: FieldWriters<T>): Writer<T> =>
    lazily(() => objectWriter('__Type', fields, selection));
  const scalar = writerOf(scalarFields);
  const enumeration = writerOf(enumFields);
  const object = writerOf(objectFields);
  const abstract = writerOf(interfaceFields);
  const union = writerOf(unionFields);
  const inputObject = writerOf(inputObjectFields);
  return (type, output) => {
    switch (type.kind) {
      case 'scalar':
        return scalar(type, output);
      case 'enum':
        return enumeration(type, output);
      case 'object':
        return object(type, output);
      case 'interface':
        return abstract(type, output);
      case 'union':
        return union(type, output);
      case 'input-object':
        return inputObject(type, output);
    }
  };
}

/** For types of fields and arguments, and what they wrap. */
function referenceWriter(selection: readonly CollectedField[]): Writer<TypeReference> {
  const named = namedTypeWriter(selection);
  const required = lazily<Wrapping>(() => objectWriter('__Type', requiredFields, selection));
  const listed = lazily<Wrapping>(() => objectWriter('__Type', listFields, selection));
  return (reference, output) => {
    switch (reference.kind) {
      case 'named':
        return named(reference.type, output);
      case 'non-null':
        return required(reference, output);
      case 'list':
        return listed(reference, output);
    }
  };
}

/** Few types are written many times in such places. */
function repeatedType<T>(
  selection: readonly CollectedField[],
  typeOf: (value: T) => TypeReference,
): Member<T> {
  const write = remembered(referenceWriter(selection), isShared);
  return { write: (value, output) => write(typeOf(value), output) };
}

/** Whether many tables refer to it. */
function isShared(reference: TypeReference): boolean {
  return ownerOf(namedTypeOf(reference)) === null;
}

const none = () => constant('null');

/** What every `__Type` can be asked for, and most kinds of types do not have. */
const typeFields = {
  name: none,
  description: none,
  fields: none,
  interfaces: none,
  possibleTypes: none,
  enumValues: none,
  inputFields: none,
  ofType: none,
};

type Wrapping = Exclude<TypeReference, { readonly kind: 'named' }>;

const listFields: FieldWriters<Wrapping> = {
  ...typeFields,
  kind: () => constant('"LIST"'),
  ofType: (selection) => repeatedType(selection, ({ of }) => of),
};

const requiredFields: FieldWriters<Wrapping> = { ...listFields, kind: () => constant('"NON_NULL"') };

const named = { ...typeFields, name: () => text<NamedType>(({ name }) => name) };

const described = {
  ...named,
  description: () => text(({ description }: { readonly description: string | null }) => description),
};

const scalarFields: FieldWriters<ScalarType> = { ...named, kind: () => constant('"SCALAR"') };

const enumFields: FieldWriters<EnumType> = {
  ...described,
  kind: () => constant('"ENUM"'),
  enumValues: (selection) =>
    list(
      ({ values }) => sortedMembers(values),
      rememberedByName(objectWriter('__EnumValue', enumValueFields, selection), ({ description }) =>
        description === 'column name' ? columnValues : null,
      ),
    ),
};

/** The values of an enum of columns have one description. */
const columnValues = {};

const objectFields: FieldWriters<ObjectType> = {
  ...described,
  kind: () => constant('"OBJECT"'),
  fields: fieldList,
  interfaces: (selection) => typeList(selection, ({ interfaces }) => interfaces),
};

const interfaceFields: FieldWriters<InterfaceType> = {
  ...described,
  kind: () => constant('"INTERFACE"'),
  fields: fieldList,
  interfaces: () => constant('[]'),
  possibleTypes: (selection) => typeList(selection, ({ possibleTypes }) => possibleTypes),
};

const unionFields: FieldWriters<UnionType> = {
  ...described,
  kind: () => constant('"UNION"'),
  possibleTypes: (selection) => typeList(selection, ({ possibleTypes }) => possibleTypes),
};

const inputObjectFields: FieldWriters<InputObjectType> = {
  ...described,
  kind: () => constant('"INPUT_OBJECT"'),
  inputFields: (selection) => {
    const writeInput = rememberedByName(
      objectWriter('__InputValue', inputValueFields, selection),
      ({ type, description, defaultValue }) =>
        description === null && defaultValue === null && isShared(type) ? type : null,
    );
    return memberList(({ fields }) => fields, writeInput);
  },
};

function fieldList(selection: readonly CollectedField[]): Member<ObjectType | InterfaceType> {
  const writeField = rememberedByName(
    objectWriter('__Field', fieldFields, selection),
    ({ type, description, arguments: given }) =>
      description === null && sortedMembers(given).length === 0 && isShared(type) ? type : null,
  );
  const writeLong: Writer<Field> = (field, output) => {
    writeField(field, output);
    // what was made for it will not be asked for soon
    forgetMade(field);
  };
  return {
    ...memberList(({ fields }) => fields, writeField),
    writeInSteps: ({ fields }, output) => writeListInSteps(sortedMembers(fields), writeLong, output),
  };
}

/** Types of a table share their fields where they are equal. */
function memberList<T, M extends Field | InputValue>(
  membersOf: (type: T) => ReadonlyMap<string, M>,
  writeMember: Writer<M>,
): { readonly write: Writer<T> } {
  const write = rememberedList<ReadonlyMap<string, M>>((members, output) =>
    writeList(sortedMembers(members), writeMember, output),
  );
  return { write: (type, output) => write(membersOf(type), output) };
}

/** By name, as everything in introspection. */
function typeList<T>(
  selection: readonly CollectedField[],
  typesOf: (type: T) => readonly NamedType[],
): Member<T> {
  return list((type) => sortedMembers(byName(typesOf(type))), namedTypeWriter(selection));
}

const fieldFields: FieldWriters<Field> = {
  name: () => text(({ name }) => name),
  description: () => text(({ description }) => description),
  args: (selection) => {
    // Many fields share one set of arguments: those of a table.
    const write = rememberedList(inputsWriter(selection));
    return { write: (field, output) => write(field.arguments, output) };
  },
  type: (selection) => repeatedType(selection, ({ type }) => type),
  isDeprecated: () => constant('false'),
  deprecationReason: none,
};

const inputValueFields: FieldWriters<InputValue> = {
  name: () => text(({ name }) => name),
  description: () => text(({ description }) => description),
  type: (selection) => repeatedType(selection, ({ type }) => type),
  defaultValue: () => text(({ defaultValue }) => defaultValue),
};

const enumValueFields: FieldWriters<EnumTypeValue> = {
  name: () => text(({ name }) => name),
  description: () => text(({ description }) => description),
  isDeprecated: () => constant('false'),
  deprecationReason: none,
};

const directiveFields: FieldWriters<Directive> = {
  name: () => text(({ name }) => name),
  description: () => text(({ description }) => description),
  locations: () =>
    list(
      ({ locations }) => locations,
      (location, output) => output.json(location),
    ),
  args: (selection) => {
    const write = inputsWriter(selection);
    return { write: (directive, output) => write(directive.arguments, output) };
  },
  isRepeatable: () => constant('false'),
};

function inputsWriter(selection: readonly CollectedField[]): Writer<ReadonlyMap<string, InputValue>> {
  const write = objectWriter('__InputValue', inputValueFields, selection);
  return (inputs, output) => writeList(sortedMembers(inputs), write, output);
}
