import { namedTypeOf } from './type-references.ts';
import type { PresetValue } from './permissions/preset-value.ts';
import type { RemoteInputValue, RemoteTypeReference, RemoteTypeSystem } from './types.ts';

type Types = RemoteTypeSystem['types'];

/**
 * Whether a role does not see an argument or field: it is preset, or nothing of its type is left to be given.
 * Source: spec/remote-schemas.md 7.4.
 */
export function isHiddenInput(input: RemoteInputValue, types: Types): boolean {
  return input.preset !== null || isFullyPreset(namedTypeOf(input.type), types);
}

/** Found once for each type of a type system. */
const fullyPreset = new WeakMap<Types, Map<string, boolean>>();

function isFullyPreset(typeName: string, types: Types): boolean {
  let found = fullyPreset.get(types);
  if (found === undefined) {
    found = new Map();
    fullyPreset.set(types, found);
  }
  const known = found.get(typeName);
  if (known !== undefined) return known;
  const type = types.get(typeName);
  if (type?.kind !== 'input-object' || type.fields.size === 0) return false;
  // a type that leads back to itself leaves something to be given
  found.set(typeName, false);
  const isFull = [...type.fields.values()].every((field) => isHiddenInput(field, types));
  found.set(typeName, isFull);
  return isFull;
}

/** What is sent for a hidden input: its preset, or an object of the presets of its type's fields. */
export function hiddenValue({ preset, type }: RemoteInputValue, types: Types): PresetValue {
  if (preset !== null) return preset;
  return { kind: 'object', members: presetMembers(type, types) };
}

/** The fields of the input object that are sent whatever the client says; none for other types. */
export function presetMembers(type: RemoteTypeReference, types: Types): ReadonlyMap<string, PresetValue> {
  const named = types.get(namedTypeOf(type));
  if (named?.kind !== 'input-object') return new Map();
  const hidden = [...named.fields.values()].filter((field) => isHiddenInput(field, types));
  return new Map(hidden.map((field) => [field.name, hiddenValue(field, types)]));
}
