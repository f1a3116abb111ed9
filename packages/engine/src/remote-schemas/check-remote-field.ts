/**
 * Whether a relationship's path and fixed arguments fit the service that it leads to. Source: spec/remote-schemas.md 9.
 */
import type { ArgumentTemplate, RemoteFieldStep } from '../metadata/index.ts';
import type { Json } from '../support/index.ts';
import { namedTypeOf } from './type-references.ts';
import type { RemoteField, RemoteTypeReference, RemoteTypeSystem } from './types.ts';

/**
 * Why it does not fit; null when it does.
 * @param given the fields of the left side that arguments may name; whether their types fit shows when the service is asked
 */
export function findRemoteFieldFault(
  steps: readonly RemoteFieldStep[],
  system: RemoteTypeSystem,
  given: ReadonlySet<string>,
): string | null {
  let typeName = system.roots.query;
  for (const step of steps) {
    const type = system.types.get(typeName);
    const field =
      type?.kind === 'object' || type?.kind === 'interface' ? type.fields.get(step.field) : undefined;
    if (field === undefined) return `remote field with name "${step.field}" and type "${typeName}" not found`;
    const fault = findArgumentFault(step.arguments, field, { system, given });
    if (fault !== null) return fault;
    typeName = namedTypeOf(field.type);
  }
  return null;
}

interface Surroundings {
  readonly system: RemoteTypeSystem;
  readonly given: ReadonlySet<string>;
}

function findArgumentFault(
  templates: ReadonlyMap<string, ArgumentTemplate>,
  field: RemoteField,
  surroundings: Surroundings,
): string | null {
  for (const [name, template] of templates) {
    const definition = field.arguments.get(name);
    if (definition === undefined) return `argument with name "${name}" not found in remote schema`;
    const fault = findTemplateFault(template, definition.type, surroundings);
    if (fault !== null) return fault;
  }
  return null;
}

function findTemplateFault(
  template: ArgumentTemplate,
  wanted: RemoteTypeReference,
  surroundings: Surroundings,
): string | null {
  const type = wanted.kind === 'non-null' ? wanted.of : wanted;
  switch (template.kind) {
    case 'variable':
      return surroundings.given.has(template.name) ? null : `variable "${template.name}" is not found`;
    case 'literal':
      return findLiteralFault(template.value, namedTypeOf(type));
    case 'list': {
      if (template.items.length > 1) return 'multiple elements in list value is not supported';
      if (type.kind !== 'list') return `type "${namedTypeOf(type)}"is not a list type`;
      const [item] = template.items;
      return item === undefined ? null : findTemplateFault(item, type.of, surroundings);
    }
    case 'object':
      return findObjectFault(template.members, type, surroundings);
  }
}

function findObjectFault(
  members: ReadonlyMap<string, ArgumentTemplate>,
  type: RemoteTypeReference,
  surroundings: Surroundings,
): string | null {
  const named = surroundings.system.types.get(namedTypeOf(type));
  if (named === undefined) return `type with name "${namedTypeOf(type)}" not found`;
  for (const [name, member] of members) {
    if (named.kind !== 'input-object') return `type "${name}"not an input object type`;
    const field = named.fields.get(name);
    if (field === undefined) return `argument with name "${name}" not found in remote schema`;
    const fault = findTemplateFault(member, field.type, surroundings);
    if (fault !== null) return fault;
  }
  // what the client adds is merged with one object
  return type.kind === 'list' || named.kind !== 'input-object'
    ? `type "${named.name}" is invalid for stripping`
    : null;
}

/** Types are compared by their names; a single value may stand for a list. */
function findLiteralFault(value: Json, wanted: string): string | null {
  if (value === null) return 'null is not allowed here';
  const given = literalType(value);
  if (wanted === 'ID') {
    if (given === 'Int' || given === 'String') return null;
    return `Only ID, Int, uuid or String scalar types can be joined to the ID type, but received "${given}"`;
  }
  return given === wanted ? null : `expected type "${wanted}" but got "${given}"`;
}

function literalType(value: Json): string {
  if (typeof value === 'string') return 'String';
  if (typeof value === 'boolean') return 'Boolean';
  return Number.isInteger(Number(String(value))) ? 'Int' : 'Float';
}
