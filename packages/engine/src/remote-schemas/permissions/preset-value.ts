import type { Json } from '../../support/index.ts';

/** What a role always sends for an argument or a field of an input object. */
export type PresetValue =
  | { readonly kind: 'null' }
  /** Of a built-in or custom scalar. */
  | { readonly kind: 'literal'; readonly value: Json }
  | { readonly kind: 'enum'; readonly name: string }
  | { readonly kind: 'list'; readonly items: readonly PresetValue[] }
  | { readonly kind: 'object'; readonly members: ReadonlyMap<string, PresetValue> }
  | SessionPreset;

/** The value of a session variable. */
export interface SessionPreset {
  readonly kind: 'session';
  /** Lower case. */
  readonly variable: string;
  readonly target: SessionPresetTarget;
}

/** What the text becomes. */
export type SessionPresetTarget =
  | { readonly kind: 'Int' | 'Float' | 'Boolean' | 'text'; readonly typeName: string }
  | { readonly kind: 'enum'; readonly typeName: string; readonly values: ReadonlySet<string> };
