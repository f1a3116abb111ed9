import { Kind, type TypeNode, type ValueNode } from 'graphql';
import type { InputObjectType, NamedType, TypeReference } from '../../schema/index.ts';
import { type Json, type JsonObject, parseJson } from '../../support/index.ts';
import type { ResolvedField } from '../resolve-document.ts';

/** A type by a reference, or by the name that a query declares where the schema's type is not known. */
export type DescribedType = NamedType | { readonly kind: 'unknown'; readonly name: string };

const uuidPattern = '[a-f0-9]{8}-[a-f0-9]{4}-4[a-f0-9]{3}-[89aAbB][a-f0-9]{3}-[a-f0-9]{12}';

/** Scalars that every reader knows; they are written in place, all other types are named components. */
const builtIn: ReadonlySet<string> = new Set(['String', 'ID', 'Int', 'Float', 'Boolean']);

/** What JSON shows of scalars; those that are not listed are strings. */
const scalarSchemas: ReadonlyMap<string, JsonObject> = new Map([
  ['Int', { type: 'integer' }],
  ['smallint', { type: 'integer' }],
  ['bigint', { type: 'integer' }],
  ['Float', { type: 'number' }],
  ['float8', { type: 'number' }],
  ['numeric', { type: 'number' }],
  ['Boolean', { type: 'boolean' }],
  ['json', {}],
  ['jsonb', {}],
  ['uuid', { type: 'string', pattern: uuidPattern }],
]);

/**
 * Schemas of one OpenAPI document. Types are written as components when they are first named, `T` for nullable and `T!` for other places, so that types may
 * name each other in circles. Source: spec/server.md 1.8.
 */
export class OpenapiSchemas {
  readonly #components = new Map<string, Json>();

  /** `{"schemas":{…}}`, or `{}`. */
  components(): JsonObject {
    if (this.#components.size === 0) return {};
    const names = [...this.#components.keys()].sort();
    return { schemas: Object.fromEntries(names.map((name) => [name, this.#components.get(name) ?? {}])) };
  }

  /** What is answered for a selection: objects in place, with the fields that are selected. */
  output(type: TypeReference, selection: readonly ResolvedField[], isNullable = true): JsonObject {
    if (type.kind === 'non-null') return this.output(type.of, selection, false);
    if (type.kind === 'list') {
      return { type: 'array', nullable: isNullable, items: this.output(type.of, selection) };
    }
    const named = type.type;
    if (named.kind !== 'object' && named.kind !== 'interface' && named.kind !== 'union') {
      return this.#named(named, isNullable);
    }
    const { name, description } = named;
    return {
      title: name,
      type: 'object',
      ...described(description),
      nullable: isNullable,
      ...this.properties(selection),
    };
  }

  /** `{"properties":{…}}`, or nothing when nothing is selected. */
  properties(selection: readonly ResolvedField[]): JsonObject {
    if (selection.length === 0) return {};
    const properties = selection.map(({ responseKey, field, selection: below }): [string, Json] => [
      responseKey,
      field === null ? typeNameSchema : this.output(field.type, below),
    ]);
    return { properties: Object.fromEntries(properties) };
  }

  /** What a variable of a declared type takes; `named` is the type inside. */
  input(type: TypeNode, named: DescribedType, isNullable = true): JsonObject {
    if (type.kind === Kind.NON_NULL_TYPE) return this.input(type.type, named, false);
    if (type.kind === Kind.LIST_TYPE) {
      return { type: 'array', nullable: isNullable, items: this.input(type.type, named) };
    }
    return this.#named(named, isNullable);
  }

  /** The same without a reference at the top. */
  inPlace(type: TypeNode, named: DescribedType): JsonObject {
    const isNullable = type.kind !== Kind.NON_NULL_TYPE;
    const inner = isNullable ? type : type.type;
    return inner.kind === Kind.LIST_TYPE ? this.input(type, named) : this.#component(named, isNullable);
  }

  /** What a variable takes in a path or a query string; null when it cannot be written there. */
  parameter(type: TypeNode, named: DescribedType): JsonObject | null {
    const inner = type.kind === Kind.NON_NULL_TYPE ? type.type : type;
    if (inner.kind === Kind.LIST_TYPE || named.kind === 'input-object' || named.kind === 'object') {
      return null;
    }
    return valueSchema(named);
  }

  #named(type: DescribedType, isNullable: boolean): JsonObject {
    if (builtIn.has(type.name)) return { title: type.name, nullable: isNullable, ...valueSchema(type) };
    const component = isNullable ? type.name : `${type.name}!`;
    if (!this.#components.has(component)) {
      // in its place before it is written, as it may name itself
      this.#components.set(component, null);
      this.#components.set(component, this.#component(type, isNullable));
    }
    return { $ref: `#/components/schemas/${component}` };
  }

  #component(type: DescribedType, isNullable: boolean): JsonObject {
    const head = { title: type.name, nullable: isNullable };
    if (type.kind !== 'input-object') return { ...head, ...valueSchema(type) };
    return { ...head, type: 'object', ...described(type.description), properties: this.#members(type) };
  }

  #members(type: InputObjectType): JsonObject {
    const members = [...type.fields.values()].map((member): [string, Json] => [
      member.name,
      this.#member(member.type, true),
    ]);
    return Object.fromEntries(members);
  }

  #member(type: TypeReference, isNullable: boolean): JsonObject {
    if (type.kind === 'non-null') return this.#member(type.of, false);
    if (type.kind === 'named') return this.#named(type.type, isNullable);
    return { type: 'array', nullable: isNullable, items: this.#member(type.of, true) };
  }
}

const typeNameSchema: JsonObject = { title: 'String', nullable: false, type: 'string' };

function valueSchema(type: DescribedType): JsonObject {
  if (type.kind === 'enum') {
    return { type: 'string', ...described(type.description), enum: [...type.values.keys()] };
  }
  return scalarSchemas.get(type.name) ?? { type: 'string' };
}

function described(description: string | null): JsonObject {
  return description === null ? {} : { description };
}

/** A literal without variables as JSON. */
export function literalJson(value: ValueNode): Json {
  switch (value.kind) {
    case Kind.INT:
    case Kind.FLOAT:
      return parseJson(value.value);
    case Kind.STRING:
    case Kind.ENUM:
    case Kind.BOOLEAN:
      return value.value;
    case Kind.LIST:
      return value.values.map(literalJson);
    case Kind.OBJECT:
      return Object.fromEntries(value.fields.map((field) => [field.name.value, literalJson(field.value)]));
    case Kind.NULL:
    case Kind.VARIABLE:
      return null;
  }
}
