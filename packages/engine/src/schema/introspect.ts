/**
 * Answers `__schema` and `__type` from a role's schema, as JSON text. A selection is compiled once into writers, because a full introspection runs
 * each of them for thousands of fields. Source: GraphQL specification 4, spec/graphql-api.md 12.7.
 */
import { InvariantError, type Json, Path, RequestError, unreachable } from '../support/index.ts';
import { type Directive, directives } from './directives.ts';
import { byName, nullable } from './lazy-types.ts';
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
 * The JSON text of the field's value; `null` for a type that the role cannot reach.
 * @throws RequestError when the answer would be unreasonably large
 */
export function resolveIntrospectionField(
  field: '__schema' | '__type',
  fieldArguments: ReadonlyMap<string, Json>,
  selection: readonly CollectedField[],
  schema: RoleSchema,
): string {
  const output = new Output();
  if (field === '__schema') {
    schemaWriter(selection)(schema, output);
  } else {
    const name = fieldArguments.get('name');
    const type = typeof name === 'string' ? schema.findType(name) : null;
    if (type === null) output.add('null');
    else typeWriter(selection)(nullable(type), output);
  }
  return output.toString();
}

/** Characters; nested selections of types within types could ask for any amount. */
const maximumLength = 2 ** 29 - 2 ** 20;

/** Pieces that are joined at a time: millions of them in one array would cost more to collect than to make. */
const piecesPerChunk = 2048;

/** Collects the pieces of the answer. */
class Output {
  readonly #chunks: string[] = [];
  readonly #pieces: string[] = [];
  #length = 0;

  add(piece: string): void {
    if (this.#pieces.push(piece) === piecesPerChunk) {
      this.#chunks.push(this.#pieces.join(''));
      this.#pieces.length = 0;
    }
    this.#length += piece.length;
    if (this.#length > maximumLength) {
      throw new RequestError(
        'validation-failed',
        Path.root,
        `the answer to the introspection query is longer than ${maximumLength} characters`,
      );
    }
  }

  toString(): string {
    return this.#chunks.join('') + this.#pieces.join('');
  }
}

type Writer<T> = (value: T, output: Output) => void;

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
  const steps: { readonly before: string; readonly write: Writer<T> }[] = [];
  let text = '{';
  for (const [index, { responseKey, field, selection: below }] of selection.entries()) {
    text += `${index === 0 ? '' : ','}${JSON.stringify(responseKey)}:`;
    const member = field === null ? constant(JSON.stringify(typeName)) : writers[field.name]?.(below);
    if (member === undefined) throw new InvariantError(`no field "${field?.name}" in "${typeName}"`);
    if ('constant' in member) {
      text += member.constant;
    } else {
      steps.push({ before: text, write: member.write });
      text = '';
    }
  }
  const after = `${text}}`;
  return (value, output) => {
    for (const { before, write } of steps) {
      if (before !== '') output.add(before);
      write(value, output);
    }
    output.add(after);
  };
}

function writeList<T>(values: Iterable<T>, write: Writer<T>, output: Output): void {
  let separator = '[';
  for (const value of values) {
    output.add(separator);
    write(value, output);
    separator = ',';
  }
  output.add(separator === '[' ? '[]' : ']');
}

function constant(text: string): { readonly constant: string } {
  return { constant: text };
}

/** A member that is one piece of text. */
function text<T>(print: (value: T) => string): Member<T> {
  return { write: (value, output) => output.add(print(value)) };
}

const printDescription = ({ description }: { readonly description: string | null }): string =>
  description === null ? 'null' : JSON.stringify(description);

/** GraphQL names need no escapes. */
const printName = ({ name }: { readonly name: string }): string => `"${name}"`;

function schemaWriter(selection: readonly CollectedField[]): Writer<RoleSchema> {
  return objectWriter('__Schema', schemaFields, selection);
}

const schemaFields: FieldWriters<RoleSchema> = {
  description: () => constant('null'),
  types: (selection) => {
    const write = typeWriter(selection);
    return { write: (schema, output) => writeList(schema.allTypes().map(nullable), write, output) };
  },
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
      if (root === null) output.add('null');
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

/** Writes equal values from the text of the first. */
function remembered<T>(write: Writer<T>): Writer<T> {
  const written = new Map<T, string>();
  return (value, output) => {
    let known = written.get(value);
    if (known === undefined) {
      const own = new Output();
      write(value, own);
      known = own.toString();
      written.set(value, known);
    }
    output.add(known);
  };
}

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
    const write = objectWriter('__Field', fieldFields, selection);
    return listOfNamed((type) => (hasFields(type) ? listedFields(type.fields) : null), write);
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
    const write = objectWriter('__EnumValue', enumValueFields, selection);
    return listOfNamed((type) => (type.kind === 'enum' ? sorted(type.values) : null), write);
  },
  inputFields: (selection) => {
    const write = objectWriter('__InputValue', inputValueFields, selection);
    return listOfNamed((type) => (type.kind === 'input-object' ? sorted(type.fields) : null), write);
  },
  ofType: (selection) => {
    const write = remembered(typeWriter(selection));
    return {
      write: (reference, output) => {
        if (reference.kind === 'named') output.add('null');
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

/** A list that only some kinds of types have; null for the others. */
function listOfNamed<T>(
  itemsOf: (type: NamedType) => readonly T[] | null,
  write: Writer<T>,
): Member<TypeReference> {
  return {
    write: (reference, output) => {
      const items = reference.kind === 'named' ? itemsOf(reference.type) : null;
      if (items === null) output.add('null');
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

function compareNames(a: HasName, b: HasName): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
