import { Kind, print } from 'graphql';
import { federationNames } from './federation.ts';
import { strictScalars } from './scalars.ts';
import type {
  EnumType,
  Field,
  InputObjectType,
  InputValue,
  NamedType,
  ObjectType,
  RoleSchema,
  TypeReference,
} from './types.ts';

/**
 * The definition of a role's schema as a subgraph of a federation: all of its types but those of introspection and of the federation itself; entities
 * have `@key` with the names of their key fields. Source: spec/remote-schemas.md 11, Apollo's subgraph specification.
 */
export function printSubgraph(schema: RoleSchema): string {
  const { queryRoot, mutationRoot, subscriptionRoot } = schema;
  const keys = entityKeys(queryRoot);
  const roots = [
    `  query: ${queryRoot.name}`,
    ...(mutationRoot === null ? [] : [`  mutation: ${mutationRoot.name}`]),
    ...(subscriptionRoot === null ? [] : [`  subscription: ${subscriptionRoot.name}`]),
  ];
  const types = schema
    .allTypes()
    .filter(({ name }) => !name.startsWith('__') && !federationNames.has(name) && !(name in strictScalars))
    .map((type) => printType(type, keys));
  return `${[`schema {\n${roots.join('\n')}\n}`, ...types].join('\n\n')}\n`;
}

function entityKeys(queryRoot: ObjectType): ReadonlyMap<string, string> {
  const meaning = queryRoot.fields.get('_entities')?.meaning;
  if (meaning?.kind !== 'entities') return new Map();
  return new Map(meaning.tables.map(({ type, key }) => [type.name, key.map(({ name }) => name).join(' ')]));
}

function printType(type: NamedType, keys: ReadonlyMap<string, string>): string {
  switch (type.kind) {
    case 'scalar':
      return `scalar ${type.name}`;
    case 'enum':
      return printDescription(type, '') + printEnum(type);
    case 'input-object':
      return printDescription(type, '') + printInput(type);
    case 'union': {
      const members = type.possibleTypes.map(({ name }) => name).join(' | ');
      return `${printDescription(type, '')}union ${type.name} = ${members}`;
    }
    case 'interface':
      return `${printDescription(type, '')}interface ${type.name} ${printFields(type.fields)}`;
    case 'object': {
      const { interfaces } = type;
      const names = interfaces.map(({ name }) => name).join(' & ');
      const implemented = interfaces.length === 0 ? '' : ` implements ${names}`;
      const key = keys.get(type.name);
      const directive = key === undefined ? '' : ` @key(fields: ${JSON.stringify(key)})`;
      return `${printDescription(type, '')}type ${type.name}${implemented}${directive} ${printFields(type.fields)}`;
    }
  }
}

function printFields(fields: ReadonlyMap<string, Field>): string {
  const printed = [...fields.values()]
    .filter(({ name }) => !name.startsWith('__') && !federationNames.has(name))
    .map(
      (field) =>
        `${printDescription(field, '  ')}  ${field.name}${printArguments(field.arguments)}: ${printReference(field.type)}`,
    );
  return `{\n${printed.join('\n')}\n}`;
}

function printArguments(inputs: ReadonlyMap<string, InputValue>): string {
  if (inputs.size === 0) return '';
  const printed = [...inputs.values()].map(
    (input) => `${printDescription(input, '    ')}    ${printInputValue(input)}`,
  );
  return `(\n${printed.join('\n')}\n  )`;
}

function printInput({ name, fields }: InputObjectType): string {
  const printed = [...fields.values()].map(
    (field) => `${printDescription(field, '  ')}  ${printInputValue(field)}`,
  );
  return `input ${name} {\n${printed.join('\n')}\n}`;
}

function printInputValue({ name, type, defaultValue }: InputValue): string {
  return `${name}: ${printReference(type)}${defaultValue === null ? '' : ` = ${defaultValue}`}`;
}

function printEnum({ name, values }: EnumType): string {
  const printed = [...values.values()].map((value) => `${printDescription(value, '  ')}  ${value.name}`);
  return `enum ${name} {\n${printed.join('\n')}\n}`;
}

function printReference(type: TypeReference): string {
  switch (type.kind) {
    case 'named':
      return type.type.name;
    case 'list':
      return `[${printReference(type.of)}]`;
    case 'non-null':
      return `${printReference(type.of)}!`;
  }
}

/** A block string on lines of its own before what it describes. */
function printDescription({ description }: { readonly description: string | null }, indent: string): string {
  if (description === null) return '';
  const text = print({ kind: Kind.STRING, value: description, block: true });
  return `${indent}${text.replaceAll('\n', `\n${indent}`)}\n`;
}
