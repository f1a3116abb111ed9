/** Arguments that rows give to fields of remote schemas. Source: spec/remote-schemas.md 8.1, 9, 10. */
import type { Session } from '../authentication/index.ts';
import { readDelegatedValue } from '../execute/index.ts';
import type { ArgumentTemplate, RemoteSchemaAccess } from '../model/index.ts';
import type { DelegatedValue } from '../plan/index.ts';
import {
  namedTypeOf,
  type RemoteInputValue,
  type RemoteTypeReference,
  type RemoteTypeSystem,
} from '../remote-schemas/index.ts';
import { InvariantError, isJsonObject, type Json, JsonNumber, type JsonObject } from '../support/index.ts';
import { originalName } from './inputs.ts';
import { holdsPresets, withPresets } from './presets.ts';
import { printJson, printList, printObject } from './print-value.ts';

export interface JoinSurroundings {
  readonly access: RemoteSchemaAccess;
  readonly session: Session;
  /** Of the client's operation. */
  readonly variables: JsonObject | null;
}

/**
 * The texts of the arguments that a relationship fixes, for one row.
 * @param row the values of the row by the names that the templates call them
 * @param shared what the client adds to input objects of which the row gives a part
 */
export function printFixedArguments(
  templates: ReadonlyMap<string, ArgumentTemplate>,
  definitions: ReadonlyMap<string, RemoteInputValue>,
  row: ReadonlyMap<string, Json>,
  shared: ReadonlyMap<string, DelegatedValue>,
  { access, session, variables }: JoinSurroundings,
): readonly (readonly [name: string, text: string])[] {
  const { typeSystem: system, schema } = access;
  return [...templates].map(([name, template]) => {
    const definition = definitions.get(name);
    if (definition === undefined) throw new InvariantError(`the remote schema has no argument "${name}"`);
    const { type } = definition;
    const fixed = fill(template, row);
    const client = shared.get(name);
    const given = client === undefined ? null : readDelegatedValue(client, variables, originalName);
    const complete = holdsPresets(type, system)
      ? merge(
          withPresets(given, type, system, session),
          // what the row gives stands above a preset
          overlay(withPresets(fixed, type, system, session), fixed),
          template,
        )
      : merge(given, fixed, template);
    // presets may be of types that the role does not see
    return [name, printTyped(complete, type, schema.typeSystem)] as const;
  });
}

function fill(template: ArgumentTemplate, row: ReadonlyMap<string, Json>): Json {
  switch (template.kind) {
    case 'variable':
      return row.get(template.name) ?? null;
    case 'literal':
      return template.value;
    case 'list':
      return template.items.map((item) => fill(item, row));
    case 'object':
      return objectOf([...template.members].map(([name, member]) => [name, fill(member, row)]));
  }
}

/** What the client gives with what the row gives: objects are merged, lists joined; else the row's value counts. */
function merge(given: Json, fixed: Json, template: ArgumentTemplate): Json {
  if (template.kind === 'list' && Array.isArray(given) && Array.isArray(fixed)) {
    return [...(given as readonly Json[]), ...(fixed as readonly Json[])];
  }
  if (template.kind !== 'object' || !isJsonObject(given) || !isJsonObject(fixed)) return fixed;
  const members = new Map(Object.entries(given));
  for (const [name, value] of Object.entries(fixed)) {
    const inner = template.members.get(name);
    members.set(name, inner === undefined ? value : merge(members.get(name) ?? null, value, inner));
  }
  return objectOf([...members]);
}

/** The value with what `above` has put in its place. */
function overlay(value: Json, above: Json): Json {
  if (Array.isArray(value) && Array.isArray(above)) {
    return (above as readonly Json[]).map((item, index) =>
      overlay((value as readonly Json[])[index] ?? null, item),
    );
  }
  if (!isJsonObject(value) || !isJsonObject(above)) return above;
  const members = new Map(Object.entries(value));
  for (const [name, member] of Object.entries(above)) {
    members.set(name, overlay(members.get(name) ?? null, member));
  }
  return objectOf([...members]);
}

function objectOf(members: readonly (readonly [string, Json])[]): JsonObject {
  const object: Record<string, Json> = Object.create(null);
  for (const [name, value] of members) object[name] = value;
  return object;
}

/** As GraphQL writes a value of the type: enum values are no strings there, and numbers of columns are no text. */
function printTyped(value: Json, type: RemoteTypeReference, system: RemoteTypeSystem): string {
  if (value === null) return 'null';
  if (type.kind === 'non-null') return printTyped(value, type.of, system);
  if (type.kind === 'list') {
    if (!Array.isArray(value)) return printTyped(value, type.of, system);
    return printList((value as readonly Json[]).map((item) => printTyped(item, type.of, system)));
  }
  const named = system.types.get(namedTypeOf(type));
  if (named?.kind === 'enum' && typeof value === 'string' && /^[_A-Za-z][_0-9A-Za-z]*$/.test(value))
    return value;
  if (named?.name === 'String' && (typeof value === 'number' || value instanceof JsonNumber)) {
    return JSON.stringify(String(value));
  }
  if (named?.kind !== 'input-object' || !isJsonObject(value)) return printJson(value);
  return printObject(
    Object.entries(value).map(([name, member]) => {
      const field = named.fields.get(name);
      return [name, field === undefined ? printJson(member) : printTyped(member, field.type, system)];
    }),
  );
}
