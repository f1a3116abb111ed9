/**
 * The types of introspection, as ordinary object types whose fields mean `introspection`. Source: GraphQL specification 4, spec/graphql-api.md 12.7.
 */
import type { SchemaContext } from './context.ts';
import { field, inputValue, objectType } from './lazy-types.ts';
import { byName } from './members.ts';
import { listOf, listOfRequired, nullable, required } from './type-references.ts';
import { strictScalars } from './scalars.ts';
import type { EnumType, Field, InputValue, ObjectType, TypeReference } from './types.ts';

/** `__schema` and `__type`; nothing for roles whose introspection is switched off. */
export function introspectionFields(context: SchemaContext): ReadonlyMap<string, Field> {
  const isDisabled = context.role !== 'admin' && context.model.introspectionDisabledRoles.has(context.role);
  return isDisabled ? noFields : fields;
}

const { String: string, Boolean: boolean } = strictScalars;
const text = nullable(string);
const requiredText = required(string);
const truth = nullable(boolean);
const requiredTruth = required(boolean);

const typeKind = plainEnum('__TypeKind', [
  'ENUM',
  'INPUT_OBJECT',
  'INTERFACE',
  'LIST',
  'NON_NULL',
  'OBJECT',
  'SCALAR',
  'UNION',
]);

const directiveLocation = plainEnum('__DirectiveLocation', [
  'ARGUMENT_DEFINITION',
  'ENUM',
  'ENUM_VALUE',
  'FIELD',
  'FIELD_DEFINITION',
  'FRAGMENT_DEFINITION',
  'FRAGMENT_SPREAD',
  'INLINE_FRAGMENT',
  'INPUT_FIELD_DEFINITION',
  'INPUT_OBJECT',
  'INTERFACE',
  'MUTATION',
  'OBJECT',
  'QUERY',
  'SCALAR',
  'SCHEMA',
  'SUBSCRIPTION',
  'UNION',
  'VARIABLE_DEFINITION',
]);

const includeDeprecated = byName([
  inputValue('includeDeprecated', null, truth, { kind: 'include-deprecated' }, 'false'),
]);

const schemaType: ObjectType = objectType('__Schema', null, () => [
  plain('description', text),
  plain('types', required(listOfRequired(typeType))),
  plain('queryType', required(typeType)),
  plain('mutationType', nullable(typeType)),
  plain('subscriptionType', nullable(typeType)),
  plain('directives', required(listOfRequired(directiveType))),
]);

const typeType: ObjectType = objectType('__Type', null, () => [
  plain('kind', required(typeKind)),
  plain('name', text),
  plain('description', text),
  plain('fields', listOfRequired(fieldType), includeDeprecated),
  plain('interfaces', listOfRequired(typeType)),
  plain('possibleTypes', listOfRequired(typeType)),
  plain('enumValues', listOfRequired(enumValueType), includeDeprecated),
  plain('inputFields', listOfRequired(inputValueType)),
  plain('ofType', nullable(typeType)),
]);

const fieldType: ObjectType = objectType('__Field', null, () => [
  plain('name', requiredText),
  plain('description', text),
  plain('args', required(listOfRequired(inputValueType))),
  plain('type', required(typeType)),
  plain('isDeprecated', requiredTruth),
  plain('deprecationReason', text),
]);

const inputValueType: ObjectType = objectType('__InputValue', null, () => [
  plain('name', requiredText),
  plain('description', text),
  plain('type', required(typeType)),
  plain('defaultValue', text),
]);

const enumValueType: ObjectType = objectType('__EnumValue', null, () => [
  plain('name', requiredText),
  plain('description', text),
  plain('isDeprecated', requiredTruth),
  plain('deprecationReason', text),
]);

const directiveType: ObjectType = objectType('__Directive', null, () => [
  plain('name', requiredText),
  plain('description', text),
  plain('locations', required(listOf(required(directiveLocation)))),
  plain('args', required(listOfRequired(inputValueType))),
  plain('isRepeatable', requiredTruth),
]);

const fields = byName<Field>([
  field('__schema', null, required(schemaType), { kind: 'schema' }),
  field(
    '__type',
    null,
    nullable(typeType),
    { kind: 'type' },
    byName([inputValue('name', null, requiredText, { kind: 'type-name' })]),
  ),
]);
const noFields = byName<Field>([]);

/** The types of introspection, which every schema lists. */
export const introspectionTypes = [schemaType, directiveLocation];

function plain(name: string, type: TypeReference, inputs?: ReadonlyMap<string, InputValue>): Field {
  return field(name, null, type, { kind: 'introspection' }, inputs);
}

function plainEnum(name: string, values: readonly string[]): EnumType {
  return {
    kind: 'enum',
    name,
    description: null,
    values: byName(
      values.map((value) => ({ name: value, description: null, meaning: { kind: 'plain' as const } })),
    ),
  };
}
