/** Where a relationship to a remote schema leads. Source: spec/remote-schemas.md 8.1. */
import { isJsonObject, type Json, type JsonNumber, type JsonObject } from '../../support/index.ts';
import { expectMember, expectObject, list, nonEmptyText, Place, text } from '../codec/index.ts';

/** The definition of a relationship to a remote schema, in either of its forms. */
export interface RemoteFieldDefinition {
  readonly remoteSchema: string;
  /** Fields of the left side that arguments may name. */
  readonly fields: readonly string[];
  /** From the root type of queries to the field that answers; at least one. */
  readonly steps: readonly RemoteFieldStep[];
}

export interface RemoteFieldStep {
  readonly field: string;
  readonly arguments: ReadonlyMap<string, ArgumentTemplate>;
}

/** What a fixed argument is made of. A variable is a field of the left side. */
export type ArgumentTemplate =
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'literal'; readonly value: null | boolean | number | string | JsonNumber }
  | { readonly kind: 'list'; readonly items: readonly ArgumentTemplate[] }
  | { readonly kind: 'object'; readonly members: ReadonlyMap<string, ArgumentTemplate> };

/** Null for a relationship to a table. */
export function remoteFieldDefinition(
  definition: JsonObject,
  place = new Place(),
): RemoteFieldDefinition | null {
  if (definition['to_source'] !== undefined) return null;
  const to = definition['to_remote_schema'];
  const [given, at, fieldsKey] =
    to === undefined
      ? ([definition, place, 'hasura_fields'] as const)
      : ([
          expectObject('ToSchemaRelationshipDef', to, place.child('to_remote_schema')),
          place.child('to_remote_schema'),
          'lhs_fields',
        ] as const);
  return {
    remoteSchema: nonEmptyText.decode(expectMember(given, 'remote_schema', at), at.child('remote_schema')),
    fields: list(text).decode(expectMember(given, fieldsKey, at), at.child(fieldsKey)),
    steps: readSteps(expectMember(given, 'remote_field', at), at.child('remote_field')),
  };
}

function readSteps(value: Json, place: Place): readonly RemoteFieldStep[] {
  const entries = Object.entries(expectObject('RemoteFields', value, place));
  const [entry] = entries;
  if (entry === undefined || entries.length > 1) {
    return place.fail(
      `Remote fields are represented by an object that maps each field name to its arguments. Expecting one single mapping, received ${
        entry === undefined ? 'none' : 'too many'
      }.`,
    );
  }
  const [field, content] = entry;
  const at = place.child(field);
  const given = expectObject('FieldCall', content, at);
  const fixed = given['arguments'] ?? null;
  const members = fixed === null ? {} : expectObject('RemoteArguments', fixed, at.child('arguments'));
  const step: RemoteFieldStep = {
    field,
    arguments: new Map(
      Object.entries(members).map(([name, template]) => [
        name,
        readTemplate(template, at.child('arguments').child(name)),
      ]),
    ),
  };
  const inner = given['field'] ?? null;
  return inner === null ? [step] : [step, ...readSteps(inner, at.child('field'))];
}

function readTemplate(value: Json, place: Place): ArgumentTemplate {
  if (typeof value === 'string' && value.startsWith('$')) {
    const name = value.slice(1);
    if (name === '') return place.fail('Empty variable name');
    if (!/^[_A-Za-z][_0-9A-Za-z]*$/.test(name)) return place.fail(`Invalid variable name '${name}'`);
    return { kind: 'variable', name };
  }
  if (Array.isArray(value)) {
    return {
      kind: 'list',
      items: (value as readonly Json[]).map((item, index) => readTemplate(item, place.child(index))),
    };
  }
  if (isJsonObject(value)) {
    return {
      kind: 'object',
      members: new Map(
        Object.entries(value).map(([name, member]) => [name, readTemplate(member, place.child(name))]),
      ),
    };
  }
  // what is left has no members
  return { kind: 'literal', value: value as null | boolean | number | string | JsonNumber };
}

/** The left side's fields that a template names. */
export function variablesOf(template: ArgumentTemplate): readonly string[] {
  switch (template.kind) {
    case 'variable':
      return [template.name];
    case 'literal':
      return [];
    case 'list':
      return template.items.flatMap(variablesOf);
    case 'object':
      return [...template.members.values()].flatMap(variablesOf);
  }
}
