/**
 * Answers `__schema` and `__type` from a role's schema, as JSON text. A selection is compiled once into writers, because a full introspection runs
 * each of them for thousands of fields. Source: GraphQL specification 4, spec/graphql-api.md 12.7.
 */
import { InvariantError, type Json, Path, RequestError, unreachable } from '../support/index.ts';
import { type Directive, directives } from './directives.ts';
import { nullable } from './lazy-types.ts';
import type {
  CollectedField,
  EnumTypeValue,
  Field,
  InputValue,
  NamedType,
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
  if (field === '__schema') return schemaWriter(selection)(schema);
  const name = fieldArguments.get('name');
  const type = typeof name === 'string' ? schema.findType(name) : null;
  return type === null ? 'null' : typeWriter(selection)(nullable(type));
}

/** Characters; nested selections of types within types could ask for any amount. */
const maximumLength = 2 ** 28;

type Writer<T> = (value: T) => string;

/** How each field of an introspection type is written, given what is selected below it. */
type FieldWriters<T> = Readonly<Record<string, (selection: readonly CollectedField[]) => Writer<T>>>;

function objectWriter<T>(
  typeName: string,
  writers: FieldWriters<T>,
  selection: readonly CollectedField[],
): Writer<T> {
  const members = selection.map(({ responseKey, field, selection: below }, index) => {
    const prefix = `${index === 0 ? '' : ','}${JSON.stringify(responseKey)}:`;
    if (field === null) return { prefix, write: constant(JSON.stringify(typeName)) };
    const make = writers[field.name];
    if (make === undefined) throw new InvariantError(`no field "${field.name}" in "${typeName}"`);
    return { prefix, write: make(below) };
  });
  return (value) => {
    let text = '{';
    for (const { prefix, write } of members) text += prefix + write(value);
    if (text.length > maximumLength) {
      throw new RequestError(
        'validation-failed',
        Path.root,
        `the answer to the introspection query is longer than ${maximumLength} characters`,
      );
    }
    return `${text}}`;
  };
}

function listWriter<T>(write: Writer<T>): Writer<readonly T[]> {
  return (values) => {
    let text = '[';
    for (let index = 0; index < values.length; index++) {
      // The index is below the length.
      text += (index === 0 ? '' : ',') + write(values[index] as T);
    }
    return `${text}]`;
  };
}

function constant(text: string): Writer<unknown> {
  return () => text;
}

const writeDescription: Writer<{ readonly description: string | null }> = ({ description }) =>
  description === null ? 'null' : JSON.stringify(description);

/** GraphQL names need no escapes. */
const writeName: Writer<{ readonly name: string }> = ({ name }) => `"${name}"`;

function schemaWriter(selection: readonly CollectedField[]): Writer<RoleSchema> {
  return objectWriter('__Schema', schemaFields, selection);
}

const schemaFields: FieldWriters<RoleSchema> = {
  description: () => constant('null'),
  types: (selection) => {
    const write = listWriter(typeWriter(selection));
    return (schema) => write(schema.allTypes().map(nullable));
  },
  queryType: (selection) => {
    const write = typeWriter(selection);
    return ({ queryRoot }) => write(nullable(queryRoot));
  },
  mutationType: (selection) => {
    const write = typeWriter(selection);
    return ({ mutationRoot }) => (mutationRoot === null ? 'null' : write(nullable(mutationRoot)));
  },
  subscriptionType: (selection) => {
    const write = typeWriter(selection);
    return ({ subscriptionRoot }) => (subscriptionRoot === null ? 'null' : write(nullable(subscriptionRoot)));
  },
  directives: (selection) =>
    constant(listWriter(objectWriter('__Directive', directiveFields, selection))(directives)),
};

function typeWriter(selection: readonly CollectedField[]): Writer<TypeReference> {
  return objectWriter('__Type', typeFields, selection);
}

/** For positions where few types are written many times: the types of fields and arguments, and what they wrap. */
function repeatedTypeWriter(selection: readonly CollectedField[]): Writer<TypeReference> {
  const write = typeWriter(selection);
  const written = new Map<TypeReference, string>();
  return (reference) => {
    let text = written.get(reference);
    if (text === undefined) {
      text = write(reference);
      written.set(reference, text);
    }
    return text;
  };
}

const typeFields: FieldWriters<TypeReference> = {
  kind: () => (reference) => `"${kindOf(reference)}"`,
  name: () => (reference) => (reference.kind === 'named' ? writeName(reference.type) : 'null'),
  description: () => (reference) =>
    reference.kind === 'named' && reference.type.kind !== 'scalar'
      ? writeDescription(reference.type)
      : 'null',
  fields: (selection) => {
    const write = listWriter(objectWriter('__Field', fieldFields, selection));
    return ofNamed((type) => (type.kind === 'object' ? write(listedFields(type.fields)) : 'null'));
  },
  interfaces: () => ofNamed((type) => (type.kind === 'object' ? '[]' : 'null')),
  possibleTypes: () => constant('null'),
  enumValues: (selection) => {
    const write = listWriter(objectWriter('__EnumValue', enumValueFields, selection));
    return ofNamed((type) => (type.kind === 'enum' ? write(sorted(type.values)) : 'null'));
  },
  inputFields: (selection) => {
    const write = listWriter(inputValueWriter(selection));
    return ofNamed((type) => (type.kind === 'input-object' ? write(sorted(type.fields)) : 'null'));
  },
  ofType: (selection) => {
    const write = repeatedTypeWriter(selection);
    return (reference) => (reference.kind === 'named' ? 'null' : write(reference.of));
  },
};

const fieldFields: FieldWriters<Field> = {
  name: () => writeName,
  description: () => writeDescription,
  args: (selection) => {
    const write = listWriter(inputValueWriter(selection));
    // Many fields share one set of arguments: those of a table.
    const written = new Map<Field['arguments'], string>();
    return ({ arguments: inputs }) => {
      if (inputs.size === 0) return '[]';
      let text = written.get(inputs);
      if (text === undefined) {
        text = write(sorted(inputs));
        written.set(inputs, text);
      }
      return text;
    };
  },
  type: (selection) => {
    const write = repeatedTypeWriter(selection);
    return ({ type }) => write(type);
  },
  isDeprecated: () => constant('false'),
  deprecationReason: () => constant('null'),
};

function inputValueWriter(selection: readonly CollectedField[]): Writer<InputValue> {
  return objectWriter('__InputValue', inputValueFields, selection);
}

const inputValueFields: FieldWriters<InputValue> = {
  name: () => writeName,
  description: () => writeDescription,
  type: (selection) => {
    const write = repeatedTypeWriter(selection);
    return ({ type }) => write(type);
  },
  defaultValue:
    () =>
    ({ defaultValue }) =>
      defaultValue === null ? 'null' : JSON.stringify(defaultValue),
};

const enumValueFields: FieldWriters<EnumTypeValue> = {
  name: () => writeName,
  description: () => writeDescription,
  isDeprecated: () => constant('false'),
  deprecationReason: () => constant('null'),
};

const directiveFields: FieldWriters<Directive> = {
  name: () => writeName,
  description: () => writeDescription,
  locations:
    () =>
    ({ locations }) =>
      JSON.stringify(locations),
  args: (selection) => {
    const write = listWriter(inputValueWriter(selection));
    return ({ arguments: inputs }) => write(sorted(inputs));
  },
  isRepeatable: () => constant('false'),
};

function ofNamed(write: Writer<NamedType>): Writer<TypeReference> {
  return (reference) => (reference.kind === 'named' ? write(reference.type) : 'null');
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
    case 'input-object':
      return 'INPUT_OBJECT';
    default:
      return unreachable(reference.type);
  }
}

/** `__schema` and `__type` can be selected but are not listed. */
function listedFields(fields: ReadonlyMap<string, Field>): readonly Field[] {
  return sorted(fields).filter(({ meaning }) => meaning.kind !== 'schema' && meaning.kind !== 'type');
}

function sorted<T extends { readonly name: string }>(items: ReadonlyMap<string, T>): T[] {
  return [...items.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}
