import type { Field, InputValue, NamedType, TypeReference } from './types.ts';

/** Whatever two types with one name must have in common to be one type, as text; without descriptions, and in no order of theirs. */
export function typeDefinition(type: NamedType): string {
  switch (type.kind) {
    case 'scalar':
      return `scalar ${type.name}`;
    case 'enum':
      return `enum ${type.name} ${block(type.values.keys())}`;
    case 'union':
      return `union ${type.name} = ${sorted(type.possibleTypes.map(({ name }) => name)).join(' | ')}`;
    case 'object': {
      const interfaces = sorted(type.interfaces.map(({ name }) => name)).join(' & ');
      const implemented = interfaces === '' ? '' : ` implements ${interfaces}`;
      return `type ${type.name}${implemented} ${block(Array.from(type.fields.values(), fieldText))}`;
    }
    case 'interface':
      return `interface ${type.name} ${block(Array.from(type.fields.values(), fieldText))}`;
    case 'input-object':
      return `input ${type.name} ${block(Array.from(type.fields.values(), inputText))}`;
  }
}

function fieldText({ name, type, arguments: inputs }: Field): string {
  const given = sorted(Array.from(inputs.values(), inputText)).join(', ');
  return `${name}${given === '' ? '' : `(${given})`}: ${referenceText(type)}`;
}

function inputText({ name, type, defaultValue }: InputValue): string {
  return `${name}: ${referenceText(type)}${defaultValue === null ? '' : ` = ${defaultValue}`}`;
}

function referenceText(type: TypeReference): string {
  switch (type.kind) {
    case 'named':
      return type.type.name;
    case 'list':
      return `[${referenceText(type.of)}]`;
    case 'non-null':
      return `${referenceText(type.of)}!`;
  }
}

function block(lines: Iterable<string>): string {
  return `{\n${sorted(lines)
    .map((line) => `  ${line}\n`)
    .join('')}}`;
}

function sorted(texts: Iterable<string>): readonly string[] {
  return [...texts].sort();
}
