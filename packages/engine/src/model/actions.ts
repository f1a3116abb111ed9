/**
 * Actions with their types resolved. Source: spec/actions.md 3.
 */
import type { ActionDefinition, ActionMetadata, InheritedRoleMetadata } from '../metadata/index.ts';
import { type Environment, fillTemplate } from '../webhooks/index.ts';
import type { CustomObject, CustomTypes } from './custom-types.ts';
import { baseName, type DeclaredType, readDeclaredType } from './declared-type.ts';
import { inconsistentAction } from './inconsistency.ts';
import type { Inconsistency } from './types.ts';

export interface Action {
  readonly name: string;
  /** `async-mutation`: the mutation answers an id, by which the result is asked for. */
  readonly kind: 'query' | 'mutation' | 'async-mutation';
  readonly comment: string | null;
  readonly definition: ActionDefinition;
  readonly arguments: readonly ActionArgument[];
  readonly output: DeclaredType;
  /** What the names of types mean. */
  readonly types: CustomTypes;
  /** Roles that may run it, the inheriting ones included; `admin` always may. */
  readonly permittedRoles: ReadonlySet<string>;
}

export interface ActionArgument {
  readonly name: string;
  readonly type: DeclaredType;
  readonly description: string | null;
}

export interface ActionSurroundings {
  readonly types: CustomTypes;
  /** Parents first. */
  readonly inheritedRoles: readonly InheritedRoleMetadata[];
  /** What handlers' URLs refer to; null: not looked at. */
  readonly environment: Environment | null;
}

/** Those that fit, by name; the others are reported. */
export function resolveActions(
  declared: readonly ActionMetadata[],
  surroundings: ActionSurroundings,
  report: (inconsistency: Inconsistency) => void,
): ReadonlyMap<string, Action> {
  const actions = new Map<string, Action>();
  for (const metadata of declared) {
    const action = resolveAction(metadata, surroundings);
    const problem = problemOf(action, surroundings);
    if (problem === null) actions.set(action.name, action);
    else report(inconsistentAction(metadata, `in action "${action.name}"; ${problem}`));
  }
  return actions;
}

export function mayRunAction(role: string, { permittedRoles }: Action): boolean {
  return role === 'admin' || permittedRoles.has(role);
}

function resolveAction(
  { name, definition, comment = null, permissions = [] }: ActionMetadata,
  { types, inheritedRoles }: ActionSurroundings,
): Action {
  const permittedRoles = new Set(permissions.map(({ role }) => role));
  for (const { role_name: role, role_set: parents } of inheritedRoles) {
    if (parents.some((parent) => permittedRoles.has(parent))) permittedRoles.add(role);
  }
  return {
    name,
    kind: kindOf(definition),
    comment,
    definition,
    arguments: (definition.arguments ?? []).map((argument) => ({
      name: argument.name,
      type: readDeclaredType(argument.type),
      description: argument.description ?? null,
    })),
    output: readDeclaredType(definition.output_type),
    types,
    permittedRoles,
  };
}

function kindOf({ type, kind }: ActionDefinition): Action['kind'] {
  if (type === 'query') return 'query';
  return kind === 'asynchronous' ? 'async-mutation' : 'mutation';
}

/** The first thing that does not fit. */
function problemOf(action: Action, { types, environment }: ActionSurroundings): string | null {
  for (const { type } of action.arguments) {
    const name = baseName(type);
    const found = types.find(name);
    if (found === null || found.kind === 'object') {
      return `the type: "${name}" is not defined in custom types or it is not a scalar/enum/input_object`;
    }
  }
  const outputName = baseName(action.output);
  const output = types.find(outputName);
  if (output === null || output.kind === 'enum' || output.kind === 'input-object') {
    return `the type: "${outputName}" is not an object or scalar type defined in custom types`;
  }
  if (output.kind === 'object') {
    const problem = relationshipProblem(action, output, types);
    if (problem !== null) return problem;
  }
  if (action.kind === 'async-mutation' && isDeclared(action.name, types)) {
    return `its result needs a type of its name, which custom types have: "${action.name}"`;
  }
  if (environment === null) return null;
  const { missing } = fillTemplate(action.definition.handler, environment);
  return missing.length === 0 ? null : `Value for environment variables not found: ${missing.join(', ')}`;
}

function isDeclared(name: string, types: CustomTypes): boolean {
  const found = types.find(name);
  return found !== null && found.kind !== 'built-in-scalar' && found.kind !== 'postgres-scalar';
}

/** Joins need values that are no objects. */
function relationshipProblem(
  { kind }: Action,
  { fields, relationships }: CustomObject,
  types: CustomTypes,
): string | null {
  if (relationships.length === 0) return null;
  const nested = fields
    .filter(({ type }) => types.find(baseName(type))?.kind === 'object')
    .map(({ name }) => name);
  if (kind === 'async-mutation') {
    return nested.length === 0
      ? null
      : `Async action relations cannot be used with object fields: ${quoted(nested)}`;
  }
  const joining = relationships.filter((relationship) =>
    relationship.fields.some((field) => nested.includes(field)),
  );
  if (joining.length === 0) return null;
  return `Relationships cannot be defined with nested object fields: ${quoted(joining.map(({ name }) => name))}`;
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}
