/** Reading a metadata document in any of its versions, and writing it in the third. */
import { type Json, type JsonObject, Path, RequestError, stringifyJson } from '../support/index.ts';
import {
  type Codec,
  expectObject,
  lastWinsList,
  object,
  optional,
  Place,
  required,
  type UnknownKeys,
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
  options: { readonly current?: Metadata; readonly unknownKeys?: UnknownKeys } = {},
): Metadata {
  const document = readDocument(value, new Place(path, options.unknownKeys ?? 'refuse'));
  return document.complete(options.current ?? emptyMetadata, path);
}

/** A document that was read, before an older one finds its source. */
export interface ReadDocument {
  /** @throws RequestError `not-supported` at `path` when the document needs a source `default` that `current` does not have */
  complete(current: Metadata, path: Path): Metadata;
}

/** @throws RequestError `parse-failed` */
export function readDocument(value: Json, place: Place): ReadDocument {
  const given = expectObject('Metadata', value, place);
  const version = given['version'] ?? (given['sources'] === undefined ? 1 : 3);
  switch (version) {
    case 1:
    case 2:
      return readWithoutSources(given, version, lenient(place));
    case 3: {
      const metadata = metadataDocument.decode({ ...given, version }, place);
      return { complete: () => metadata };
    }
    default:
      return place.child('version').fail(`expected 1, 2 or 3, encountered ${stringifyJson(version)}`);
  }
}

/** The document as `export_metadata` shows it: cron triggers with `include_in_metadata: false` are left out. */
export function exportMetadata(metadata: Metadata): JsonObject {
  const { cron_triggers: triggers = [] } = metadata;
  return storedForm({
    ...metadata,
    cron_triggers: triggers.filter((trigger) => trigger.include_in_metadata),
  });
}

/** The document as it is stored: everything, in the order of the export. */
export function storedForm(metadata: Metadata): JsonObject {
  return metadataDocument.encode(metadata) as JsonObject;
}

/** Older documents hold keys that older consoles left behind, e.g. `localPresets` in permissions. */
function lenient(place: Place): Place {
  return new Place(place.path, 'ignore');
}

const bareFunction: Codec<FunctionMetadata> = {
  decode: (value, place) => ({ function: qualifiedName.decode(value, place) }),
  encode: (fn) => qualifiedName.encode(fn.function),
};

function readWithoutSources(given: JsonObject, version: 1 | 2, place: Place): ReadDocument {
  const document = object('MetadataNoSources', {
    tables: required(lastWinsList(tableMetadata, ({ table }) => nameKey(table))),
    functions: optional(
      lastWinsList(version === 1 ? bareFunction : functionMetadata, (item) => nameKey(item.function)),
    ),
    ...sharedFields,
  });
  const { version: _version, ...rest } = given;
  const { tables, functions = [], ...shared } = document.decode(rest, place);
  return {
    complete(current, path) {
      const source = current.sources.find(({ name }) => name === 'default');
      if (source === undefined) {
        throw new RequestError(
          'not-supported',
          path,
          'cannot import metadata without sources since no default source is defined',
        );
      }
      return { version: 3, sources: [{ ...source, tables, functions }], ...shared };
    },
  };
}
