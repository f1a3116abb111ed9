/**
 * The types of other GraphQL services as types of ours: under our names, and only as much of them as the role may use. What a service calls a thing
 * stands in its meaning. Source: spec/remote-schemas.md 4, 5.
 */
import type { ArgumentTemplate, RemoteFieldRelationship, RemoteSchemaAccess } from '../model/index.ts';
import {
  isHiddenInput,
  type RemoteField,
  type RemoteInputValue,
  type RemoteInterfaceType,
  type RemoteObjectType,
  type RemoteOperation,
  type RemoteType,
  type RemoteTypeReference,
} from '../remote-schemas/index.ts';
import { InvariantError } from '../support/index.ts';
import type { SchemaContext } from './context.ts';
import {
  field,
  inputObjectType,
  inputValue,
  interfaceType,
  lazyField,
  objectType,
  unionType,
} from './lazy-types.ts';
import { byName } from './members.ts';
import { listOf, nullable, required } from './type-references.ts';
import { relationshipFields } from './remote-fields.ts';
import { strictScalars } from './scalars.ts';
import type {
  Field,
  InputValue,
  InterfaceType,
  NamedType,
  ObjectType,
  TypeReference,
  UnionType,
} from './types.ts';

/** The root fields that services answer, those of a service with a namespace below one field. */
export function* remoteRootFields(context: SchemaContext, operation: RemoteOperation): Iterable<Field> {
  for (const access of context.model.remoteSchemasOf(context.role))
    yield* rootFieldsOf(context, access, operation);
}

export function* rootFieldsOf(
  context: SchemaContext,
  access: RemoteSchemaAccess,
  operation: RemoteOperation,
): Iterable<Field> {
  const { schema, typeSystem } = access;
  const rootName = typeSystem.roots[operation];
  const root = rootName === null ? undefined : typeSystem.types.get(rootName);
  if (root?.kind !== 'object' || root.fields.size === 0) return;
  const types = remoteTypes(context, access);
  const fields = () => [...root.fields.values()].map((item) => types.rootField(root, item, operation));
  const { namespace } = schema.naming;
  if (namespace === null) {
    yield* fields();
    return;
  }
  const type = objectType(schema.naming.typeName(root.name), root.description, fields);
  yield field(namespace, null, nullable(type), { kind: 'namespace', source: schema.name });
}

/** The service's types as the role sees them, each made once. */
export function remoteTypes(context: SchemaContext, access: RemoteSchemaAccess): RemoteTypes {
  return context.once(access.schema, 'types', () => new RemoteTypes(context, access));
}

export class RemoteTypes {
  readonly #context: SchemaContext;
  readonly #access: RemoteSchemaAccess;
  readonly #made = new Map<string, NamedType>();

  constructor(context: SchemaContext, access: RemoteSchemaAccess) {
    this.#context = context;
    this.#access = access;
  }

  /** The type that the service calls by the name, which must be one that the role sees. */
  named(original: string): NamedType {
    const known = this.#made.get(original);
    if (known !== undefined) return known;
    const type = this.#access.typeSystem.types.get(original);
    if (type === undefined) throw new InvariantError(`the remote schema has no type "${original}"`);
    const made = this.#make(type);
    this.#made.set(original, made);
    return made;
  }

  reference(type: RemoteTypeReference): TypeReference {
    switch (type.kind) {
      case 'named':
        return nullable(this.named(type.name));
      case 'list':
        return listOf(this.reference(type.of));
      case 'non-null':
        return required(this.reference(type.of));
    }
  }

  rootField(root: RemoteObjectType, item: RemoteField, operation: RemoteOperation): Field {
    const target = { executor: 'remote-schema', access: this.#access, operation, field: item.name } as const;
    return this.#field(root.name, item, { kind: 'delegated', target });
  }

  /**
   * The field of a relationship that leads to `item`. Arguments that the relationship fixes are left out; of input objects that it fixes a part of, the rest remains, in types
   * whose names, which no customization changes, end in `suffix`.
   */
  joinedField(
    { name, steps }: RemoteFieldRelationship,
    item: RemoteField,
    suffix: string,
    meaning: Field['meaning'],
  ): Field {
    const fixed = steps.at(-1)?.arguments ?? noTemplates;
    return lazyField(
      name,
      null,
      meaning,
      () => this.reference(item.type),
      () => byName(this.#remaining(item.arguments, fixed, suffix)),
    );
  }

  #remaining(
    inputs: ReadonlyMap<string, RemoteInputValue>,
    fixed: ReadonlyMap<string, ArgumentTemplate>,
    suffix: string,
  ): readonly InputValue[] {
    return this.#visible(inputs).flatMap((input) => {
      const template = fixed.get(input.name);
      if (template === undefined) return [this.#input(input)];
      const type = this.#remainingType(input.type, template, suffix);
      const meaning = { kind: 'delegated', name: input.name } as const;
      return type === null ? [] : [inputValue(input.name, input.description, type, meaning)];
    });
  }

  /** Of objects, also in lists, that the template fills a part of; null when nothing remains. */
  #remainingType(
    reference: RemoteTypeReference,
    template: ArgumentTemplate,
    suffix: string,
  ): TypeReference | null {
    if (reference.kind === 'non-null') {
      const inner = this.#remainingType(reference.of, template, suffix);
      return inner === null ? null : required(inner);
    }
    if (reference.kind === 'list') {
      const [item] = template.kind === 'list' ? template.items : [];
      const inner = item === undefined ? null : this.#remainingType(reference.of, item, suffix);
      return inner === null ? null : listOf(inner);
    }
    const type = this.#access.typeSystem.types.get(reference.name);
    if (template.kind !== 'object' || type?.kind !== 'input-object') return null;
    const rest = this.#remaining(type.fields, template.members, suffix);
    if (rest.length === 0) return null;
    const name = `${type.name}_remote_rel_${suffix}`;
    return nullable(inputObjectType(name, type.description, () => rest));
  }

  #make(type: RemoteType): NamedType {
    const { naming } = this.#access.schema;
    const { description } = type;
    const name = naming.typeName(type.name);
    switch (type.kind) {
      case 'scalar':
        return isBuiltIn(name) ? strictScalars[name] : { kind: 'scalar', name, pgType: null };
      case 'enum': {
        const values = [...type.values.values()].map((value) => ({
          name: value.name,
          description: value.description,
          meaning: { kind: 'plain' as const },
        }));
        return { kind: 'enum', name, description, values: byName(values) };
      }
      case 'object':
        return objectType(
          name,
          description,
          () => [
            ...this.#fields(type),
            ...relationshipFields(this.#context, this.#access.schema.name, type.name),
          ],
          () => type.interfaces.flatMap((item) => this.#interface(item)),
          () => this.#unionsOf(type.name),
        );
      case 'interface':
        return interfaceType(
          name,
          description,
          () => this.#fields(type),
          () => this.#objects(type.possibleTypes),
        );
      case 'union':
        return unionType(name, description, () => this.#objects(type.possibleTypes));
      case 'input-object':
        return inputObjectType(name, description, () => this.#inputs(type.fields).values());
    }
  }

  #fields(type: RemoteObjectType | RemoteInterfaceType): readonly Field[] {
    return [...type.fields.values()].map((item) =>
      this.#field(type.name, item, { kind: 'delegated-field', name: item.name }),
    );
  }

  #field(parent: string, item: RemoteField, meaning: Field['meaning']): Field {
    return lazyField(
      this.#access.schema.naming.fieldName(parent, item.name),
      item.description,
      meaning,
      () => this.reference(item.type),
      () => this.#inputs(item.arguments),
    );
  }

  /** Without what is preset. */
  #inputs(inputs: ReadonlyMap<string, RemoteInputValue>): ReadonlyMap<string, InputValue> {
    return byName(this.#visible(inputs).map((input) => this.#input(input)));
  }

  #visible(inputs: ReadonlyMap<string, RemoteInputValue>): readonly RemoteInputValue[] {
    const { types } = this.#access.typeSystem;
    return [...inputs.values()].filter((input) => !isHiddenInput(input, types));
  }

  #input({ name, description, type, defaultValue }: RemoteInputValue): InputValue {
    return inputValue(name, description, this.reference(type), { kind: 'delegated', name }, defaultValue);
  }

  #interface(original: string): readonly InterfaceType[] {
    const type = this.named(original);
    return type.kind === 'interface' ? [type] : [];
  }

  #unionsOf(member: string): readonly UnionType[] {
    return [...this.#access.typeSystem.types.values()].flatMap((type) => {
      if (type.kind !== 'union' || !type.possibleTypes.includes(member)) return [];
      const made = this.named(type.name);
      return made.kind === 'union' ? [made] : [];
    });
  }

  #objects(originals: readonly string[]): readonly ObjectType[] {
    return originals.flatMap((original) => {
      const type = this.named(original);
      return type.kind === 'object' ? [type] : [];
    });
  }
}

const noTemplates: ReadonlyMap<string, ArgumentTemplate> = new Map();

function isBuiltIn(name: string): name is keyof typeof strictScalars {
  return Object.hasOwn(strictScalars, name);
}
