/**
 * Whether a relationship's path and fixed arguments fit the service that it leads to. Source: spec/remote-schemas.md 9.
 */
import type { ArgumentTemplate, RemoteFieldStep } from '../metadata/index.ts';
import { namedTypeOf } from './type-references.ts';
import type { RemoteField, RemoteTypeReference, RemoteTypeSystem } from './types.ts';

/**
 * Why it does not fit; null when it does.
 * @param leftType the GraphQL type name of a field of the left side; null for one that is not there
 */
export function findRemoteFieldFault(
  steps: readonly RemoteFieldStep[],
  system: RemoteTypeSystem,
  leftType: (field: string) => string | null,
): string | null {
  let typeName = system.roots.query;
  for (const [index, step] of steps.entries()) {
    const type = system.types.get(typeName);
    const field =
      type?.kind === 'object' || type?.kind === 'interface' ? type.fields.get(step.field) : undefined;
    if (field === undefined) {
      return index === 0
        ? `remote field with name "${step.field}" and type "${typeName}" not found`
        : `field with name "${step.field}" not found in remote schema`;
    }
    const fault = findArgumentFault(step.arguments, field, system, leftType);
    if (fault !== null) return fault;
    typeName = namedTypeOf(field.type);
  }
  return null;
}

function findArgumentFault(
  given: ReadonlyMap<string, ArgumentTemplate>,
  field: RemoteField,
  system: RemoteTypeSystem,
  leftType: (field: string) => string | null,
): string | null {
  for (const [name, template] of given) {
    const definition = field.arguments.get(name);
    if (definition === undefined) return `argument with name "${name}" not found in remote schema`;
    const fault = findTemplateFault(template, definition.type, system, leftType);
    if (fault !== null) return fault;
  }
  return null;
}

function findTemplateFault(
  template: ArgumentTemplate,
  type: RemoteTypeReference,
  system: RemoteTypeSystem,
  leftType: (field: string) => string | null,
): string | null {
  if (type.kind === 'non-null') return findTemplateFault(template, type.of, system, leftType);
  switch (template.kind) {
    case 'variable': {
      const given = leftType(template.name);
      if (given === null) return `variable "${template.name}" is not found`;
      return findTypeFault(given, namedTypeOf(type));
    }
    case 'literal':
      return template.value === null ? 'null is not allowed here' : null;
    case 'list': {
      if (type.kind !== 'list') return `type "${namedTypeOf(type)}"is not a list type`;
      if (template.items.length > 1) return 'multiple elements in list value is not supported';
      const [item] = template.items;
      return item === undefined ? null : findTemplateFault(item, type.of, system, leftType);
    }
    case 'object': {
      const named = system.types.get(namedTypeOf(type));
      if (named === undefined) return `type with name "${namedTypeOf(type)}" not found`;
      if (named.kind !== 'input-object') return `type "${named.name}" is not an input object type`;
      for (const [name, member] of template.members) {
        const field = named.fields.get(name);
        if (field === undefined) return `argument with name "${name}" not found in remote schema`;
        const fault = findTemplateFault(member, field.type, system, leftType);
        if (fault !== null) return fault;
      }
      return null;
    }
  }
}

/** Types are compared by their GraphQL names; a single value may stand for a list. */
function findTypeFault(given: string, wanted: string): string | null {
  if (wanted === 'ID') {
    if (joinableToId.has(given)) return null;
    return `Only ID, Int, uuid or String scalar types can be joined to the ID type, but received "${given}"`;
  }
  return given === wanted ? null : `expected type "${wanted}" but got "${given}"`;
}

const joinableToId: ReadonlySet<string> = new Set(['ID', 'Int', 'uuid', 'String']);
