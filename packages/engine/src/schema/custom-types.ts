/** The GraphQL types behind the declared types of actions. Source: spec/actions.md 2, 6. */
import type {
  CustomEnum,
  CustomField,
  CustomInputObject,
  CustomObject,
  DeclaredType,
} from '../model/index.ts';
import { InvariantError } from '../support/index.ts';
import type { SchemaContext } from './context.ts';
import { field, inputObjectType, inputValue, objectType } from './lazy-types.ts';
import { listOf, nullable, required } from './type-references.ts';
import { remoteRowsFields } from './remote-rows.ts';
import { scalarOf, strictScalars } from './scalars.ts';
import type {
  EnumType,
  Field,
  InputObjectType,
  InputValue,
  NamedType,
  ObjectType,
  TypeReference,
} from './types.ts';

/** `[T!]!` and the like, with the role's type in the place of the name. */
export function declaredReference(context: SchemaContext, declared: DeclaredType): TypeReference {
  switch (declared.kind) {
    case 'named':
      return nullable(namedType(context, declared.name));
    case 'list':
      return listOf(declaredReference(context, declared.of));
    default:
      return required(declaredReference(context, declared.of));
  }
}

/** An argument, or a member of an input object, that the handler gets under its own name. */
export function declaredInput(context: SchemaContext, { name, type, description }: CustomField): InputValue {
  return inputValue(name, description, declaredReference(context, type), { kind: 'delegated', name });
}

function namedType(context: SchemaContext, name: string): NamedType {
  const found = context.model.customTypes.find(name);
  if (found === null) throw new InvariantError(`the custom type "${name}" was not checked to be there`);
  switch (found.kind) {
    case 'built-in-scalar':
      return strictScalars[found.name];
    case 'postgres-scalar': {
      const scalar = scalarOf(found.type);
      if (scalar === null) throw new InvariantError(`the type "${name}" was found by a name that it has not`);
      return scalar;
    }
    case 'scalar':
      return context.once(found, 'type', () => ({ kind: 'scalar', name, pgType: null }));
    case 'enum':
      return context.once(found, 'type', () => enumType(found));
    case 'input-object':
      return context.once(found, 'type', () => inputObject(context, found));
    default:
      return context.once(found, 'type', () => object(context, found));
  }
}

function enumType({ name, description, values }: CustomEnum): EnumType {
  const meaning = { kind: 'plain' } as const;
  return {
    kind: 'enum',
    name,
    description,
    values: new Map(
      values.map((value) => [value.name, { name: value.name, description: value.description, meaning }]),
    ),
  };
}

function inputObject(
  context: SchemaContext,
  { name, description, fields }: CustomInputObject,
): InputObjectType {
  return inputObjectType(name, description, () => fields.map((member) => declaredInput(context, member)));
}

function object(context: SchemaContext, declared: CustomObject): ObjectType {
  return objectType(declared.name, declared.description, () => objectFields(context, declared));
}

function* objectFields(context: SchemaContext, { fields, relationships }: CustomObject): Iterable<Field> {
  for (const { name, type, description } of fields) {
    yield field(name, description, declaredReference(context, type), { kind: 'delegated-field', name });
  }
  for (const relationship of relationships) yield* remoteRowsFields(context, relationship);
}
