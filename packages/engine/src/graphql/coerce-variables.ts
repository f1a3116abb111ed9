import { print } from 'graphql';
import { type JsonObject, Path, RequestError } from '../support/index.ts';
import type { Operation, VariableBinding, VariableBindings, VariableDefinition } from './types.ts';

export interface VariableOptions {
  /** Accept null for a variable of a non-null type, as versions before 2.0 did. */
  readonly allowsNullInNonNullable?: boolean;
}

/**
 * Binds every declared variable: checks presence and nullness here, while the value's type is checked where it is used.
 * Source: spec/graphql-api.md 12.3.
 */
export function coerceVariables(
  operation: Operation,
  variables: JsonObject | null,
  options: VariableOptions = {},
): VariableBindings {
  const bindings = new Map<string, VariableBinding>();
  for (const definition of operation.variableDefinitions.values()) {
    bindings.set(definition.name, bind(definition, variables, options));
  }
  if (variables !== null) refuseUnused(variables, operation);
  return bindings;
}

const absent: VariableBinding = { kind: 'absent' };
const explicitNull: VariableBinding = { kind: 'null' };

function bind(
  definition: VariableDefinition,
  variables: JsonObject | null,
  options: VariableOptions,
): VariableBinding {
  const value =
    variables !== null && Object.hasOwn(variables, definition.name) ? variables[definition.name] : undefined;
  if (value === undefined) {
    if (definition.isNullable || definition.defaultValue !== null) return absent;
    throw fault(`expecting a value for non-nullable variable: "${definition.name}"`);
  }
  if (value !== null) return { kind: 'present', value };
  if (definition.isNullable || options.allowsNullInNonNullable === true) return explicitNull;
  throw fault(`null value found for non-nullable type: "${print(definition.type)}"`);
}

function refuseUnused(variables: JsonObject, operation: Operation): void {
  const unused = Object.keys(variables).filter((name) => !operation.usedVariables.has(name));
  if (unused.length > 0) throw fault(`unexpected variables in variableValues: ${unused.join(', ')}`);
}

function fault(message: string): RequestError {
  return new RequestError('validation-failed', Path.root, message);
}
