/** Metadata that the operator gives beneath the stored one. Source: spec/metadata-api.md 2.6. */
import { type Json, Path, RequestError } from '../support/index.ts';
import { decodeMetadata } from './document.ts';
import type { Metadata } from './types.ts';

/** A part of a document of version 3; `sources` may be missing. @throws RequestError `parse-failed` */
export function decodeDefaults(value: Json): Metadata {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new RequestError('parse-failed', Path.root, 'metadata defaults must be a JSON object');
  }
  return decodeMetadata({ sources: [], ...value, version: 3 }, Path.root, { unknownKeys: 'refuse' });
}

/**
 * What is in force: the stored document, and of the defaults what it does not have. Of objects in a list, and of members of an object, those of the stored
 * document win as a whole.
 */
export function withDefaults(stored: Metadata, defaults: Metadata): Metadata {
  const merged: Record<string, unknown> = { ...stored };
  for (const [key, fallback] of Object.entries(defaults)) merged[key] = merge(merged[key], fallback);
  return merged as unknown as Metadata;
}

function merge(stored: unknown, fallback: unknown): unknown {
  if (stored === undefined) return fallback;
  if (Array.isArray(stored) && Array.isArray(fallback)) {
    const known = new Set(stored.map(identityOf));
    const more = fallback.filter((item) => !known.has(identityOf(item)));
    return more.length === 0 ? stored : [...stored, ...more];
  }
  if (isObject(stored) && isObject(fallback)) return { ...fallback, ...stored };
  return stored;
}

/** What tells the objects of a top-level list apart. */
function identityOf(item: unknown): unknown {
  if (!isObject(item)) return item;
  return item['name'] ?? item['role_name'] ?? item['collection'];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
