import {
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type GraphQLType,
  getNamedType,
  isInputObjectType,
  isLeafType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
  typeFromAST,
} from 'graphql';
import { messageOf, UserError } from '../user-error.ts';

/**
 * The SDL of an action that takes what an operation takes and gives what it gives: its variables become arguments, its selections types of their own, named after the
 * action. Input objects keep their plain fields; enums become strings, because an action knows none of the schema's.
 * @throws UserError when the operation does not fit the schema
 */
export function deriveSdl(schema: GraphQLSchema, operation: string, action: string): string {
  const definition = operationIn(operation);
  const root = schema.getRootType(definition.operation);
  const [selection, ...others] = definition.selectionSet.selections;
  if (root === undefined || root === null || selection?.kind !== Kind.FIELD || others.length > 0) {
    throw new UserError('an action is derived from a query or mutation with one field');
  }
  const field = root.getFields()[selection.name.value];
  if (field === undefined) {
    throw new UserError(`the schema of the server has no field ${selection.name.value} in ${root.name}`);
  }
  const prefix = action.charAt(0).toUpperCase() + action.slice(1);
  const types: string[] = [];
  const inputs = new Set<string>();
  const parameters = (definition.variableDefinitions ?? []).map(({ variable, type: node }) => {
    const type = typeFromAST(schema, node as Parameters<typeof typeFromAST>[1]) as GraphQLType | undefined;
    if (type === undefined)
      throw new UserError(`the type of $${variable.name.value} is not in the schema of the server`);
    return `    ${variable.name.value}: ${renamed(type, inputName(type, prefix, types, inputs))}\n`;
  });
  const output = outputName(field.type, selection.selectionSet, `${prefix}Output`, types);
  const list = parameters.length === 0 ? '' : `(\n${parameters.join('')}  )`;
  const kind = definition.operation === 'mutation' ? 'Mutation' : 'Query';
  return `type ${kind} {\n  ${action}${list}: ${renamed(field.type, output)}\n}\n\n${types.join('\n')}`;
}

function operationIn(text: string): OperationDefinitionNode {
  try {
    const definitions = parse(text, { noLocation: true }).definitions;
    const [first] = definitions;
    if (
      definitions.length === 1 &&
      first?.kind === Kind.OPERATION_DEFINITION &&
      first.operation !== 'subscription'
    )
      return first;
  } catch (error) {
    throw new UserError(`the operation to derive from is no GraphQL: ${messageOf(error)}`, { cause: error });
  }
  throw new UserError('one query or mutation is expected to derive an action from');
}

/** Adds the type of an input object, once. */
function inputName(type: GraphQLType, prefix: string, types: string[], known: Set<string>): string {
  const named = getNamedType(type);
  if (!isInputObjectType(named)) return leafName(named);
  const name = `${prefix}_${named.name}`;
  if (known.has(name)) return name;
  known.add(name);
  const fields = Object.values(named.getFields()).filter((field) => isLeafType(getNamedType(field.type)));
  if (fields.length === 0) throw new UserError(`${named.name} has no plain fields for an action`);
  types.push(
    `input ${name} {\n${fields.map((field) => `  ${field.name}: ${renamed(field.type, leafName(getNamedType(field.type)))}\n`).join('')}}\n`,
  );
  return name;
}

/** Adds the types of a selection, those below first. */
function outputName(
  type: GraphQLOutputType,
  selections: SelectionSetNode | undefined,
  name: string,
  types: string[],
): string {
  const named = getNamedType(type);
  if (!isObjectType(named)) return leafName(named);
  const fields = (selections?.selections ?? []).map((selection) => {
    if (selection.kind !== Kind.FIELD)
      throw new UserError('an action is derived from an operation without fragments');
    const key = (selection.alias ?? selection.name).value;
    const fieldType = typeOfField(named, selection.name.value);
    const below = `${name}_${key}`;
    return `  ${key}: ${renamed(fieldType, outputName(fieldType, selection.selectionSet, below, types))}\n`;
  });
  types.push(`type ${name} {\n${fields.join('')}}\n`);
  return name;
}

function typeOfField(type: GraphQLObjectType, name: string): GraphQLOutputType {
  const field = type.getFields()[name];
  if (field !== undefined) return field.type;
  throw new UserError(`the schema of the server has no field ${name} in ${type.name}`);
}

function leafName(type: GraphQLType): string {
  const text = String(type);
  return isLeafType(type) && 'getValues' in type ? 'String' : text;
}

/** The type with its lists and exclamation marks, and another name within. */
function renamed(type: GraphQLType, name: string): string {
  return String(type).replace(/[_A-Za-z][_0-9A-Za-z]*/, name);
}
