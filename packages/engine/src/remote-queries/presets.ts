/** Presets as they are sent. Source: spec/remote-schemas.md 7.4. */
import type { Session } from '../authentication/index.ts';
import {
  isHiddenInput,
  namedTypeOf,
  type PresetValue,
  presetMembers,
  type RemoteTypeReference,
  type RemoteTypeSystem,
  type SessionPreset,
} from '../remote-schemas/index.ts';
import { isJsonObject, type Json, JsonNumber, Path, RequestError } from '../support/index.ts';

/** The session variable as a value of its type. Throws a RequestError. */
export function readSessionPreset({ variable, target }: SessionPreset, { variables }: Session): Json {
  const text = variables.get(variable);
  if (text === undefined) {
    throw new RequestError('not-found', Path.root, `"${variable}" session variable expected, but not found`);
  }
  switch (target.kind) {
    case 'text':
      return text;
    case 'Int':
      if (/^-?\d+$/.test(text)) return numberOf(text);
      throw coercionError(`"${text}" cannot be coerced into an Int value`);
    case 'Float':
      if (/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text)) return numberOf(text);
      throw coercionError(`"${text}" cannot be coerced into a Float value`);
    case 'Boolean':
      if (text === 'true') return true;
      if (text === 'false') return false;
      throw coercionError(`"${text}" cannot be coerced into a Boolean value`);
    case 'enum':
      if (!/^[_A-Za-z][_0-9A-Za-z]*$/.test(text))
        throw coercionError(`"${text}" is not a valid GraphQL name`);
      if (!target.values.has(text)) throw coercionError(`"${text}" is not one of the valid enum values`);
      return text;
  }
}

function numberOf(text: string): Json {
  // JSON knows no leading zeros
  const plain = text.replace(/^(-?)0+(?=\d)/, '$1');
  return String(Number(plain)) === plain ? Number(plain) : new JsonNumber(plain);
}

function coercionError(message: string): RequestError {
  return new RequestError('coercion-error', Path.root, message);
}

export function presetJson(preset: PresetValue, session: Session): Json {
  switch (preset.kind) {
    case 'null':
      return null;
    case 'literal':
      return preset.value;
    case 'enum':
      return preset.name;
    case 'session':
      return readSessionPreset(preset, session);
    case 'list':
      return preset.items.map((item) => presetJson(item, session));
    case 'object': {
      const members: Record<string, Json> = Object.create(null);
      for (const [name, member] of preset.members) members[name] = presetJson(member, session);
      return members;
    }
  }
}

/** Whether values of the type, at some depth, have members that the client does not give. */
export function holdsPresets(type: RemoteTypeReference, { types }: RemoteTypeSystem): boolean {
  const seen = new Set<string>();
  const visit = (name: string): boolean => {
    const named = types.get(name);
    if (named?.kind !== 'input-object' || seen.has(name)) return false;
    seen.add(name);
    return [...named.fields.values()].some(
      (field) => isHiddenInput(field, types) || visit(namedTypeOf(field.type)),
    );
  };
  return visit(namedTypeOf(type));
}

/** The client's value with the presets of the input objects in it. */
export function withPresets(
  value: Json,
  type: RemoteTypeReference,
  system: RemoteTypeSystem,
  session: Session,
): Json {
  if (type.kind === 'non-null') return withPresets(value, type.of, system, session);
  if (value === null) return null;
  if (type.kind === 'list') {
    if (!Array.isArray(value)) return withPresets(value, type.of, system, session);
    return (value as readonly Json[]).map((item) => withPresets(item, type.of, system, session));
  }
  const named = system.types.get(type.name);
  if (named?.kind !== 'input-object' || !isJsonObject(value)) return value;
  const members: Record<string, Json> = Object.create(null);
  for (const [name, member] of Object.entries(value)) {
    const field = named.fields.get(name);
    members[name] = field === undefined ? member : withPresets(member, field.type, system, session);
  }
  for (const [name, preset] of presetMembers(type, system.types)) members[name] = presetJson(preset, session);
  return members;
}
