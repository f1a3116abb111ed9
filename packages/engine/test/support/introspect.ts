/** Asks a role's schema for its introspection, and prints it as a client sees it. */
import {
  buildClientSchema,
  type FragmentDefinitionNode,
  getIntrospectionQuery,
  type IntrospectionQuery,
  lexicographicSortSchema,
  parse,
  printSchema,
  type SelectionSetNode,
} from 'graphql';
import {
  type CollectedField,
  introspect as introspectField,
  type ObjectType,
  type RoleSchema,
  type TypeReference,
} from '../../src/schema/index.ts';
import type { Json } from '../../src/support/index.ts';

/** The parsed answers by response key; arguments must be literals. */
export function introspect(schema: RoleSchema, query: string): Record<string, unknown> {
  return JSON.parse(
    `{${collectQuery(schema, query)
      .map((selected) => `${JSON.stringify(selected.responseKey)}:${resolve(schema, selected)}`)
      .join(',')}}`,
  ) as Record<string, unknown>;
}

export function fullIntrospection(schema: RoleSchema): IntrospectionQuery {
  return introspect(
    schema,
    getIntrospectionQuery({ schemaDescription: true, directiveIsRepeatable: true }),
  ) as unknown as IntrospectionQuery;
}

/** The schema definition that graphql-js prints from a full introspection. */
export function printedSchema(schema: RoleSchema): string {
  return printSchema(lexicographicSortSchema(buildClientSchema(fullIntrospection(schema))));
}

export function collectQuery(schema: RoleSchema, query: string): readonly CollectedField[] {
  const document = parse(query);
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === 'FragmentDefinition') fragments.set(definition.name.value, definition);
  }
  const operation = document.definitions.find(({ kind }) => kind === 'OperationDefinition');
  if (operation?.kind !== 'OperationDefinition') throw new Error('no operation');
  return collect(schema.queryRoot, operation.selectionSet, fragments);
}

function resolve(schema: RoleSchema, selected: CollectedField): string {
  const name = selected.field?.name;
  if (name !== '__schema' && name !== '__type') throw new Error(`${name} is no introspection field`);
  const steps = [...introspectField(name, selected.arguments, selected.selection, schema)];
  return Buffer.concat(steps.filter((piece) => piece !== null)).toString();
}

function collect(
  type: ObjectType,
  selectionSet: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): CollectedField[] {
  return selectionSet.selections.flatMap((node): CollectedField[] => {
    if (node.kind === 'InlineFragment') return collect(type, node.selectionSet, fragments);
    if (node.kind === 'FragmentSpread') {
      const fragment = fragments.get(node.name.value);
      if (fragment === undefined) throw new Error(`no fragment ${node.name.value}`);
      return collect(type, fragment.selectionSet, fragments);
    }
    const responseKey = node.alias?.value ?? node.name.value;
    const empty = { responseKey, arguments: new Map<string, Json>(), selection: [] };
    if (node.name.value === '__typename') return [{ ...empty, field: null }];
    const field = type.metaFields?.get(node.name.value) ?? type.fields.get(node.name.value);
    if (field === undefined) throw new Error(`field '${node.name.value}' not found in type: '${type.name}'`);
    const below = objectOf(field.type);
    return [
      {
        responseKey,
        field,
        arguments: new Map<string, Json>(
          (node.arguments ?? []).map(({ name, value }) => [
            name.value,
            value.kind === 'StringValue' || value.kind === 'BooleanValue' ? value.value : null,
          ]),
        ),
        selection:
          node.selectionSet === undefined || below === null
            ? []
            : collect(below, node.selectionSet, fragments),
      },
    ];
  });
}

function objectOf(reference: TypeReference): ObjectType | null {
  if (reference.kind !== 'named') return objectOf(reference.of);
  return reference.type.kind === 'object' ? reference.type : null;
}
