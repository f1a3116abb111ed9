import { stringifyJson } from '../../support/index.ts';
import { typeText } from '../type-references.ts';
import type { RemoteField, RemoteInputValue, RemoteType, RemoteTypeSystem } from '../types.ts';
import type { PresetValue } from './preset-value.ts';

/** Equal texts for type systems that differ in nothing but the order of what they list. */
export function canonicalTypeSystem({ types, roots }: RemoteTypeSystem): string {
  return JSON.stringify([roots.query, roots.mutation, roots.subscription, sorted(types, canonicalType)]);
}

function canonicalType(type: RemoteType): unknown {
  switch (type.kind) {
    case 'scalar':
      return type.kind;
    case 'enum':
      return [type.kind, [...type.values.keys()].sort()];
    case 'object':
      return [type.kind, [...type.interfaces].sort(), sorted(type.fields, canonicalField)];
    case 'interface':
      return [type.kind, sorted(type.fields, canonicalField)];
    case 'union':
      return [type.kind, [...type.possibleTypes].sort()];
    case 'input-object':
      return [type.kind, sorted(type.fields, canonicalInput)];
  }
}

function canonicalField({ type, arguments: inputs }: RemoteField): unknown {
  return [typeText(type), sorted(inputs, canonicalInput)];
}

function canonicalInput({ type, defaultValue, preset }: RemoteInputValue): unknown {
  return [typeText(type), defaultValue, preset === null ? null : canonicalPreset(preset)];
}

function canonicalPreset(preset: PresetValue): unknown {
  switch (preset.kind) {
    case 'null':
      return preset.kind;
    case 'literal':
      return [preset.kind, stringifyJson(preset.value)];
    case 'enum':
      return [preset.kind, preset.name];
    case 'session':
      return [preset.kind, preset.variable];
    case 'list':
      return [preset.kind, preset.items.map(canonicalPreset)];
    case 'object':
      return [preset.kind, sorted(preset.members, canonicalPreset)];
  }
}

function sorted<T>(map: ReadonlyMap<string, T>, canonical: (value: T) => unknown): unknown {
  return [...map]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, value]) => [name, canonical(value)]);
}
