/** Where a relationship to a remote schema leads. Source: spec/remote-schemas.md 8.1. */
import {
  isJsonObject,
  type Json,
  type JsonNumber,
  type JsonObject,
  RequestError,
} from '../../support/index.ts';
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
  const [given, fieldsKey] =
    to === undefined
      ? ([definition, 'hasura_fields'] as const)
      : ([expectObject('ToSchemaRelationshipDef', to, place), 'lhs_fields'] as const);
  return {
    remoteSchema: nonEmptyText.decode(
      expectMember(given, 'remote_schema', place),
      place.child('remote_schema'),
    ),
    fields: list(text).decode(expectMember(given, fieldsKey, place), place.child(fieldsKey)),
    steps: withPrefix(
      'Remote fields are represented by an object that maps each field name to its arguments.',
      () => readSteps(expectMember(given, 'remote_field', place), place.child('remote_field')),
    ),
  };
}

/** What is wrong, after a sentence on what is expected. In v2 no space stands between them. */
function withPrefix<T>(prefix: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    throw new RequestError(error.code, error.path, `${prefix}${error.message}`);
  }
}

/** @param place where v2 tells the faults of all steps, however deep they stand */
function readSteps(value: Json, place: Place): readonly RemoteFieldStep[] {
  const entries = Object.entries(expectObject('RemoteFields', value, place));
  const [entry] = entries;
  if (entry === undefined || entries.length > 1) {
    return place.fail(`Expecting one single mapping, received ${entry === undefined ? 'none' : 'too many'}.`);
  }
  const [field, content] = entry;
  const given = expectObject('FieldCall', content, place);
  const step: RemoteFieldStep = {
    field,
    arguments: withPrefix(
      'Remote arguments are represented by an object that maps each argument name to its value.',
      () => readTemplates(given['arguments'] ?? {}, place.child('arguments')),
    ),
  };
  const inner = given['field'] ?? null;
  return inner === null ? [step] : [step, ...readSteps(inner, place)];
}

function readTemplates(value: Json, place: Place): ReadonlyMap<string, ArgumentTemplate> {
  const entries = Object.entries(expectObject('RemoteArguments', value, place));
  return new Map(
    entries.map(([name, template]) => {
      if (!/^[_A-Za-z][_0-9A-Za-z]*$/.test(name)) return place.fail(`${name} is an invalid key name`);
      return [name, readTemplate(template, place)];
    }),
  );
}

function readTemplate(value: Json, place: Place): ArgumentTemplate {
  if (typeof value === 'string' && value.startsWith('$')) {
    const name = value.slice(1);
    if (name === '') return place.fail('Empty variable name');
    if (!/^[_A-Za-z][_0-9A-Za-z]*$/.test(name)) return place.fail(`Invalid variable name '${name}'`);
    return { kind: 'variable', name };
  }
  if (Array.isArray(value)) {
    return { kind: 'list', items: (value as readonly Json[]).map((item) => readTemplate(item, place)) };
  }
  if (isJsonObject(value)) return { kind: 'object', members: readTemplates(value, place) };
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
