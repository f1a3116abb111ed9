/** Reading a metadata document in any of its versions, and writing it in the third. */
import { type Json, type JsonObject, Path, RequestError, stringifyJson } from '../support/index.ts';
import {
  type Codec,
  compareText,
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
import type { FunctionMetadata, Metadata, TableMetadata } from './types.ts';

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

/**
 * The text of the stored form as UTF-8, in pieces. The pieces of tables are kept: a change to one of five thousand neither writes nor copies the others.
 */
export function storedBytes(metadata: Metadata): readonly Uint8Array[] {
  const known = metadata.sources.filter(({ foreign }) => foreign === undefined);
  const tablesOf = new Map(known.map(({ name, tables }) => [name, tables]));
  const withoutTables = metadata.sources.map((source) => ({ ...source, tables: [] }));
  const form = storedForm({ ...metadata, sources: withoutTables });
  const sources = (form['sources'] as readonly JsonObject[]).map((source) => {
    const tables = tablesOf.get(source['name'] as string);
    return tables === undefined ? [written(source)] : objectBytes(source, 'tables', tablesBytes(tables));
  });
  return objectBytes(form, 'sources', listBytes(sources));
}

type Pieces = readonly Uint8Array[];

/** The object with the pieces in the place of one of its members. */
function objectBytes(object: JsonObject, member: string, pieces: Pieces): Pieces {
  const members = Object.entries(object).map(([key, value]): Pieces => {
    const name = Buffer.from(`${stringifyJson(key)}:`);
    return key === member ? [name, ...pieces] : [name, written(value)];
  });
  return [Buffer.from('{'), ...separated(members), Buffer.from('}')];
}

function listBytes(items: readonly Pieces[]): Pieces {
  return [Buffer.from('['), ...separated(items), Buffer.from(']')];
}

function separated(items: readonly Pieces[]): Pieces {
  return items.flatMap((pieces, index) => (index === 0 ? pieces : [comma, ...pieces]));
}

function tablesBytes(tables: readonly TableMetadata[]): Pieces {
  const sorted = tables.map(writtenTable).sort((first, second) => compareText(first.key, second.key));
  return listBytes(sorted.map(({ bytes }) => [bytes]));
}

function written(value: Json): Uint8Array {
  return Buffer.from(stringifyJson(value));
}

interface WrittenTable {
  readonly key: string;
  readonly bytes: Uint8Array;
}

function writtenTable(table: TableMetadata): WrittenTable {
  const known = writtenTables.get(table);
  if (known !== undefined) return known;
  const made = { key: nameKey(table.table), bytes: written(tableMetadata.encode(table)) };
  writtenTables.set(table, made);
  return made;
}

const writtenTables = new WeakMap<TableMetadata, WrittenTable>();
const comma: Uint8Array = Buffer.from(',');

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
