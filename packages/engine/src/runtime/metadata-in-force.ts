import { type Metadata, withDefaults } from '../metadata/index.ts';
import type { RuntimeOptions } from './types.ts';

/** The stored document over the operator's defaults, which are neither stored nor exported. The same object for the same document. */
export function metadataInForce(
  stored: Metadata,
  { metadataDefaults }: Pick<RuntimeOptions, 'metadataDefaults'>,
): Metadata {
  if (metadataDefaults === null) return stored;
  const known = inForce.get(stored);
  if (known?.defaults === metadataDefaults) return known.metadata;
  const metadata = withDefaults(stored, metadataDefaults);
  inForce.set(stored, { defaults: metadataDefaults, metadata });
  return metadata;
}

const inForce = new WeakMap<Metadata, { readonly defaults: Metadata; readonly metadata: Metadata }>();
