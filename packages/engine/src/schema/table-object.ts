/** The object type of a table as the role sees it. Source: spec/graphql-api.md 5.1, spec/permissions.md 4.1. */
import { textOf, type TrackedComputedField, type TrackedTable } from '../model/index.ts';
import { type ComputedFieldGrant, describeName, isJsonType } from '../permissions/index.ts';
import { aggregateObject } from './aggregates.ts';
import type { SchemaContext, VisibleColumn } from './context.ts';
import { describe, describeTable } from './descriptions.ts';
import { argumentsInput, argumentsType } from './function-arguments.ts';
import { field, inputValue } from './lazy-types.ts';
import { byName } from './members.ts';
import { listOfRequired, nullable, required } from './type-references.ts';
import { queryRelationshipFields } from './native-query-fields.ts';
import { isNode, nodeIdField, nodeInterface, relationshipConnectionField } from './relay.ts';
import { remoteField } from './remote-fields.ts';
import { remoteRowsFields } from './remote-rows.ts';
import { isGraphqlName, strictScalars } from './scalars.ts';
import { aggregateFieldName, tableArguments, visibleComputedRows } from './table-inputs.ts';
import type { SelectAccess } from './meanings.ts';
import { type ObjectSpecification, specifiedObject, objectSpecification } from './specified-types.ts';
import type { Field, InputValue, ObjectType } from './types.ts';
import { type ValueType, valueTypeOf } from './value-types.ts';

export function tableObject(context: SchemaContext, access: SelectAccess): ObjectType {
  return context.ofTable(access.table, 'object', () => specifiedObject(row, context, access));
}

const row: ObjectSpecification<SchemaContext, SelectAccess> = objectSpecification({
  name: (context, { table }) => context.typeName(table),
  description: (_, { table }) =>
    describe(table.comment, table.catalog.comment ?? `columns and relationships of ${describeTable(table)}`),
  fields: objectFields,
  interfaces: (context, { table }) => (isRelayNode(context, table) ? [nodeInterface(context)] : []),
});

function* objectFields(context: SchemaContext, access: SelectAccess): Iterable<Field> {
  const { table } = access;
  // the first of equal names stays, so that the global id takes the place of a column
  if (isRelayNode(context, table)) yield nodeIdField(context, access);
  for (const column of context.visibleColumns(access)) yield columnField(column);
  yield* computedScalars(context, access);
  yield* computedRows(context, table);
  yield* relationships(context, table);
  yield* queryRelationshipFields(context, table);
  yield* remoteRelationships(context, table);
}

export function columnField({ name, column, grant, value, output }: VisibleColumn): Field {
  const hasPath = takesPath(value);
  const meaning = { kind: 'column', grant, hasPath } as const;
  return field(name, column.description, output, meaning, hasPath ? pathArguments : undefined);
}

function isRelayNode(context: SchemaContext, table: TrackedTable): boolean {
  return context.api === 'relay' && isNode(table);
}

function* computedScalars(context: SchemaContext, access: SelectAccess): Iterable<Field> {
  for (const { tracked, grant, value, inputs } of visibleComputedScalars(context, access)) {
    const hasPath = takesPath(value);
    const meaning = { kind: 'computed-scalar', grant, hasPath } as const;
    const all = hasPath ? [...inputs, jsonPath] : inputs;
    yield field(tracked.name, commentOf(tracked), value.nullable, meaning, byName(all));
  }
}

export interface VisibleComputedScalar {
  readonly tracked: TrackedComputedField;
  readonly grant: ComputedFieldGrant;
  readonly value: ValueType;
  /** What the function takes. */
  readonly inputs: readonly InputValue[];
}

/** The scalar computed fields that are granted, those that take arguments among them. */
export function* visibleComputedScalars(
  context: SchemaContext,
  { table, rule }: SelectAccess,
): Iterable<VisibleComputedScalar> {
  const naming = context.namingOf(table);
  for (const grant of rule.computedFields.values()) {
    const tracked = table.computedFields.get(grant.field.name);
    if (tracked === undefined || tracked.returns.kind !== 'scalar' || !isGraphqlName(tracked.name)) continue;
    const value = valueTypeOf(context, naming, tracked.returns.type);
    if (value === null) continue;
    yield { tracked, grant, value, inputs: computedFieldArguments(context, table, tracked) };
  }
}

function* computedRows(context: SchemaContext, table: TrackedTable): Iterable<Field> {
  for (const [tracked, target] of visibleComputedRows(context, table)) {
    const rows = listOfRequired(tableObject(context, target));
    const inputs = [
      ...computedFieldArguments(context, table, tracked),
      ...tableArguments(context, target).values(),
    ];
    const meaning = { kind: 'computed-rows', field: tracked, access: target } as const;
    yield field(tracked.name, commentOf(tracked), rows, meaning, byName(inputs));
  }
}

function* relationships(context: SchemaContext, table: TrackedTable): Iterable<Field> {
  const naming = context.namingOf(table);
  for (const relationship of table.relationships.values()) {
    const access = context.selectAccess(context.model.tableAt(relationship.target));
    if (access === null || !isGraphqlName(relationship.name)) continue;
    const type = tableObject(context, access);
    if (relationship.kind === 'object') {
      const reference = relationship.isNullable ? nullable(type) : required(type);
      const meaning = { kind: 'object-relationship', relationship, access } as const;
      yield field(relationship.name, 'An object relationship', reference, meaning);
      continue;
    }
    const inputs = tableArguments(context, access);
    yield field(
      relationship.name,
      'An array relationship',
      required(listOfRequired(type)),
      { kind: 'array-relationship', relationship, access },
      inputs,
    );
    if (context.api === 'relay') yield* relationshipConnectionField(context, relationship, access);
    if (!access.rule.allowsAggregations) continue;
    yield field(
      aggregateFieldName(naming, relationship.name),
      'An aggregate relationship',
      required(aggregateObject(context, access)),
      { kind: 'relationship-aggregate', relationship, access },
      inputs,
    );
  }
}

/** Source for their absence from Relay: spec/remote-schemas.md 9. */
function* remoteRelationships(context: SchemaContext, table: TrackedTable): Iterable<Field> {
  if (context.api === 'relay') return;
  for (const relationship of context.model.remoteRelationshipsOf(table).values()) {
    if (relationship.kind !== 'remote-field') yield* remoteRowsFields(context, relationship);
    else yield* remoteField(context, relationship, describeName(table));
  }
}

function computedFieldArguments(
  context: SchemaContext,
  table: TrackedTable,
  tracked: TrackedComputedField,
): readonly InputValue[] {
  return context.once(tracked, 'arguments', () => {
    const naming = context.namingOf(table);
    // The table must be usable in GraphQL to be granted, so that its name is not null. Names of arguments have no convention.
    const typeName = naming.typeName({
      custom: `${tracked.name}_${textOf(table.graphqlName ?? table.name)}_args`,
    });
    const description = `input parameters for computed field "${tracked.name}" defined on table ${describeTable(table)}`;
    const parameters = tracked.arguments.map((argument, position) => ({ argument, position }));
    return argumentsInput(argumentsType(context, naming, typeName, parameters), description);
  });
}

/** An empty comment takes the description away. */
export function commentOf(tracked: TrackedComputedField): string | null {
  return tracked.description === '' ? null : tracked.description;
}

/** Source: spec/graphql-api.md 4.6. */
const jsonPath = inputValue('path', 'JSON select path', nullable(strictScalars.String), {
  kind: 'json-path',
});
const pathArguments: ReadonlyMap<string, InputValue> = byName([jsonPath]);

function takesPath(value: ValueType): boolean {
  return isJsonType(value.pgType);
}
