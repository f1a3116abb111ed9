import {
  type ASTNode,
  type ConstDirectiveNode,
  type DefinitionNode,
  type DirectiveNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  Kind,
  parse,
  print,
  type SelectionSetNode,
  type StringValueNode,
  type ValueNode,
} from 'graphql';

/**
 * The document as gqlparser's formatter prints it, which the Hasura CLI uses: values without spaces, no empty lines between definitions, operations before
 * fragments. Null when the text is no GraphQL of that kind; the text itself when printing would change what it says.
 */
export function printAlike(text: string, kind: 'operations' | 'types'): string | null {
  let definitions: readonly DefinitionNode[];
  try {
    definitions = parse(text, { noLocation: true }).definitions;
  } catch {
    return null;
  }
  const printed = ordered(definitions, kind)
    .map((definition) => printDefinition(definition))
    .join('');
  return saysTheSame(printed, definitions) ? printed : text;
}

function ordered(definitions: readonly DefinitionNode[], kind: 'operations' | 'types'): DefinitionNode[] {
  const ranks: readonly string[] =
    kind === 'operations'
      ? [Kind.OPERATION_DEFINITION, Kind.FRAGMENT_DEFINITION]
      : [Kind.SCHEMA_DEFINITION, Kind.SCHEMA_EXTENSION, Kind.DIRECTIVE_DEFINITION];
  const rank = ({ kind: each }: DefinitionNode): number => {
    const at = ranks.indexOf(each);
    if (at >= 0) return at;
    return each.endsWith('Extension') ? ranks.length + 1 : ranks.length;
  };
  return [...definitions].sort((a, b) => rank(a) - rank(b));
}

function saysTheSame(printed: string, definitions: readonly DefinitionNode[]): boolean {
  const sorted = (list: readonly DefinitionNode[]): string => JSON.stringify(list.map(comparable).sort());
  try {
    return sorted(parse(printed, { noLocation: true }).definitions) === sorted(definitions);
  } catch {
    return false;
  }
}

/** A block string and a quoted one may say the same; blanks around a description say nothing. */
function comparable(definition: DefinitionNode): string {
  return JSON.stringify(definition, (key, value: unknown) => {
    if (key === 'block') return undefined;
    return key === 'description' ? (value as StringValueNode | undefined)?.value.trim() : value;
  });
}

function printDefinition(node: DefinitionNode): string {
  switch (node.kind) {
    case Kind.OPERATION_DEFINITION: {
      const variables = (node.variableDefinitions ?? []).map(
        ({ variable, type, defaultValue, directives }) =>
          `$${variable.name.value}: ${print(type)}${defaultValue === undefined ? '' : ` = ${printValue(defaultValue)}`}${printDirectives(directives)}`,
      );
      const name = node.name === undefined ? '' : ` ${node.name.value}`;
      const list = variables.length === 0 ? '' : ` (${variables.join(', ')})`;
      return `${node.operation}${name}${list}${printDirectives(node.directives)} ${printSelections(node.selectionSet, '')}\n`;
    }
    case Kind.FRAGMENT_DEFINITION:
      return `fragment ${node.name.value} on ${node.typeCondition.name.value}${printDirectives(node.directives)} ${printSelections(node.selectionSet, '')}\n`;
    case Kind.SCHEMA_DEFINITION:
    case Kind.SCHEMA_EXTENSION: {
      const operations = (node.operationTypes ?? []).map(
        ({ operation, type }) => `  ${operation}: ${type.name.value}\n`,
      );
      const head = node.kind === Kind.SCHEMA_EXTENSION ? 'extend schema' : 'schema';
      return `${head}${printDirectives(node.directives)} {\n${operations.join('')}}\n`;
    }
    case Kind.OBJECT_TYPE_DEFINITION:
    case Kind.INTERFACE_TYPE_DEFINITION: {
      const interfaces = (node.interfaces ?? []).map(({ name }) => name.value);
      const keyword = node.kind === Kind.OBJECT_TYPE_DEFINITION ? 'type' : 'interface';
      const list = interfaces.length === 0 ? '' : ` implements ${interfaces.join(' & ')}`;
      return `${printDescription(node.description, '')}${keyword} ${node.name.value}${list}${printDirectives(node.directives)}${braces((node.fields ?? []).map(printField))}\n`;
    }
    case Kind.INPUT_OBJECT_TYPE_DEFINITION: {
      const fields = (node.fields ?? []).map(
        (field) => `${printDescription(field.description, '  ')}  ${printInput(field)}\n`,
      );
      return `${printDescription(node.description, '')}input ${node.name.value}${printDirectives(node.directives)}${braces(fields)}\n`;
    }
    case Kind.ENUM_TYPE_DEFINITION: {
      const values = (node.values ?? []).map(
        (value) =>
          `${printDescription(value.description, '  ')}  ${value.name.value}${printDirectives(value.directives)}\n`,
      );
      return `${printDescription(node.description, '')}enum ${node.name.value}${printDirectives(node.directives)}${braces(values)}\n`;
    }
    case Kind.UNION_TYPE_DEFINITION: {
      const types = (node.types ?? []).map(({ name }) => name.value);
      return `${printDescription(node.description, '')}union ${node.name.value}${printDirectives(node.directives)}${types.length === 0 ? '' : ` = ${types.join(' | ')}`}\n`;
    }
    case Kind.SCALAR_TYPE_DEFINITION:
      return `${printDescription(node.description, '')}scalar ${node.name.value}${printDirectives(node.directives)}\n`;
    default:
      return `${print(node)}\n`;
  }
}

function braces(lines: readonly string[]): string {
  return lines.length === 0 ? '' : ` {\n${lines.join('')}}`;
}

function printField(field: FieldDefinitionNode): string {
  const inputs = field.arguments ?? [];
  const hasDescriptions = inputs.some(({ description }) => description !== undefined);
  const list = hasDescriptions
    ? `(\n${inputs.map((input) => `${printDescription(input.description, '    ')}    ${printInput(input)}\n`).join('')}  )`
    : `(${inputs.map(printInput).join(', ')})`;
  return `${printDescription(field.description, '  ')}  ${field.name.value}${inputs.length === 0 ? '' : list}: ${print(field.type)}${printDirectives(field.directives)}\n`;
}

function printInput({ name, type, defaultValue, directives }: InputValueDefinitionNode): string {
  return `${name.value}: ${print(type)}${defaultValue === undefined ? '' : ` = ${printValue(defaultValue)}`}${printDirectives(directives)}`;
}

function printDescription(description: StringValueNode | undefined, indent: string): string {
  if (description === undefined) return '';
  const lines = description.value.trim().replaceAll('"""', '\\"""').split('\n');
  return ['"""', ...lines, '"""'].map((line) => `${line === '' ? '' : indent}${line}\n`).join('');
}

function printSelections({ selections }: SelectionSetNode, indent: string): string {
  const inner = `${indent}  `;
  const lines = selections.map((selection) => {
    const directives = printDirectives(selection.directives);
    switch (selection.kind) {
      case Kind.FIELD: {
        const alias = selection.alias;
        const name =
          alias === undefined || alias.value === selection.name.value
            ? selection.name.value
            : `${alias.value}: ${selection.name.value}`;
        const below =
          selection.selectionSet === undefined ? '' : ` ${printSelections(selection.selectionSet, inner)}`;
        return `${name}${printArguments(selection.arguments)}${directives}${below}`;
      }
      case Kind.FRAGMENT_SPREAD:
        return `...${selection.name.value}${directives}`;
      default: {
        const condition =
          selection.typeCondition === undefined ? '' : ` on ${selection.typeCondition.name.value}`;
        return `...${condition}${directives} ${printSelections(selection.selectionSet, inner)}`;
      }
    }
  });
  return `{\n${lines.map((line) => `${inner}${line}\n`).join('')}${indent}}`;
}

function printDirectives(directives: readonly (DirectiveNode | ConstDirectiveNode)[] | undefined): string {
  return (directives ?? [])
    .map((directive) => ` @${directive.name.value}${printArguments(directive.arguments)}`)
    .join('');
}

function printArguments(
  list: readonly { readonly name: { readonly value: string }; readonly value: ValueNode }[] | undefined,
): string {
  if (list === undefined || list.length === 0) return '';
  return `(${list.map(({ name, value }) => `${name.value}: ${printValue(value)}`).join(', ')})`;
}

function printValue(node: ValueNode): string {
  switch (node.kind) {
    case Kind.LIST:
      return `[${node.values.map(printValue).join(',')}]`;
    case Kind.OBJECT:
      return `{${node.fields.map(({ name, value }) => `${name.value}:${printValue(value)}`).join(',')}}`;
    case Kind.STRING:
      return JSON.stringify(node.value);
    default:
      return print(node as ASTNode);
  }
}
