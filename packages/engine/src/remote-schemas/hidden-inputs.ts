import { namedTypeOf } from './type-references.ts';
import type { PresetValue } from './permissions/preset-value.ts';
import type { RemoteInputValue, RemoteTypeReference, RemoteTypeSystem } from './types.ts';

type Types = RemoteTypeSystem['types'];

/**
 * Whether a role does not see an argument or field: it is preset, or nothing of its type is left to be given.
 * Source: spec/remote-schemas.md 7.4.
 */
export function isHiddenInput(input: RemoteInputValue, types: Types): boolean {
  return input.preset !== null || isFullyPreset(namedTypeOf(input.type), types, new Set());
}

function isFullyPreset(typeName: string, types: Types, within: ReadonlySet<string>): boolean {
  const type = types.get(typeName);
  if (type?.kind !== 'input-object' || type.fields.size === 0 || within.has(typeName)) return false;
  const inner = new Set([...within, typeName]);
  return [...type.fields.values()].every(
    ({ preset, type: reference }) => preset !== null || isFullyPreset(namedTypeOf(reference), types, inner),
  );
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
