/** Reading a metadata document in any of its versions, and writing it in the third. */
import { type Json, type JsonObject, Path, RequestError } from '../support/index.ts';
import {
  type Codec,
  expectObject,
  lastWinsList,
  list,
  object,
  optional,
  Place,
  required,
} from './codec/index.ts';
import { nameKey, qualifiedName } from './names.ts';
import { metadataDocument, sharedFields } from './shapes/document.ts';
import { functionMetadata } from './shapes/source.ts';
import { tableMetadata } from './shapes/table.ts';
import type { FunctionMetadata, Metadata } from './types.ts';

/** No source, no object. */
export const emptyMetadata: Metadata = { version: 3, sources: [] };

/**
 * Reads a document of version 1, 2 or 3. The older ones know no sources: their tables and functions replace those of the source `default`
 * of `current`. Source: spec/metadata-api.md 2.6.
 * @throws RequestError `parse-failed` with the path of what is wrong; `not-supported` when `default` is needed and missing
 */
export function decodeMetadata(
  value: Json,
  path: Path = Path.root,
  options: { readonly current?: Metadata } = {},
): Metadata {
  const place = new Place(path, { refusesUnknownKeys: true });
  const given = expectObject('Metadata', value, place);
  const version = given['version'] ?? (given['sources'] === undefined ? 1 : 3);
  switch (version) {
    case 1:
    case 2:
      return withoutSources(given, version, place, options.current ?? emptyMetadata);
    case 3:
      return metadataDocument.decode({ ...given, version }, place);
    default:
      return place.child('version').fail(`expected 1, 2 or 3, encountered ${String(version)}`);
  }
}

/** The document as `export_metadata` shows it: cron triggers with `include_in_metadata: false` are left out. */
export function exportMetadata(metadata: Metadata): JsonObject {
  const { cron_triggers: triggers = [] } = metadata;
  return storedForm({ ...metadata, cron_triggers: triggers.filter((trigger) => trigger.include_in_metadata) });
}

/** The document as it is stored: everything, in the order of the export. */
export function storedForm(metadata: Metadata): JsonObject {
  return metadataDocument.encode(metadata) as JsonObject;
}

const bareFunction: Codec<FunctionMetadata> = {
  decode: (value, place) => ({ function: qualifiedName.decode(value, place) }),
  encode: (fn) => qualifiedName.encode(fn.function),
};

function withoutSources(given: JsonObject, version: 1 | 2, place: Place, current: Metadata): Metadata {
  const document = object('MetadataNoSources', {
    version: optional(list(functionMetadata) as Codec<unknown>),
    tables: required(lastWinsList(tableMetadata, ({ table }) => nameKey(table))),
    functions: optional(
      lastWinsList(version === 1 ? bareFunction : functionMetadata, (item) => nameKey(item.function)),
    ),
    ...sharedFields,
  });
  const { version: _version, ...rest } = given;
  const { tables, functions = [], version: _none, ...shared } = document.decode(rest, place);
  const source = current.sources.find(({ name }) => name === 'default');
  if (source === undefined) {
    throw new RequestError(
      'not-supported',
      place.path,
      'cannot import metadata without sources since no default source is defined',
    );
  }
  return { version: 3, sources: [{ ...source, tables, functions }], ...shared };
}
