/**
 * The document as it is stored, as UTF-8. What a table is written as is kept as long as its declaration is: a change to one of five thousand neither
 * writes nor copies the others, and what was read is not written anew.
 */
import {
  isJsonObject,
  type Json,
  type JsonObject,
  Path,
  parseJson,
  stringifyJson,
} from '../support/index.ts';
import { compareText, Place } from './codec/index.ts';
import { decodeMetadata, storedForm } from './document.ts';
import { nameKey, qualifiedName } from './names.ts';
import { tableMetadata } from './shapes/table.ts';
import type { Metadata, TableMetadata } from './types.ts';

/** Where a table stands in a buffer; the buffer is held by all tables that stand in it. */
interface WrittenTable {
  /** Tables are in the order of these. */
  readonly key: string;
  readonly buffer: Uint8Array;
  readonly start: number;
  readonly end: number;
}

const writtenTables = new WeakMap<TableMetadata, WrittenTable>();

/** Tables that are written together share buffers of about this size. */
const bufferBytes = 256 * 1024;
/** The document is an object with a list of sources, objects with a list of tables each. */
const depthOfTables = 4;
const comma = 0x2c;

/**
 * Reads a document that was stored, whoever stored it. The bytes must not change afterwards.
 * @throws SyntaxError; RequestError `parse-failed`
 */
export function readStored(pieces: readonly Uint8Array[]): Metadata {
  const bytes = Buffer.concat(pieces);
  const text = bytes.toString('utf8');
  const places: Places = new Map();
  const json = parseJson(text, {
    sharesEqual: true,
    locate: {
      depth: depthOfTables,
      found: (object, start, end) => {
        if (!places.has(object)) places.set(object, [start, end]);
      },
    },
  });
  const metadata = decodeMetadata(json, Path.root, { unknownKeys: 'keep' });
  const offsetOf = byteOffsets(text, bytes.length);
  const given = isJsonObject(json) && Array.isArray(json['sources']) ? json['sources'] : [];
  for (const { name, tables, foreign } of metadata.sources) {
    // those of other kinds may name their tables otherwise
    if (foreign !== undefined) continue;
    const named = given.filter((source: Json) => isJsonObject(source) && source['name'] === name);
    const placesByKey = placesOfTables(named, places);
    for (const table of tables) {
      const key = nameKey(table.table);
      const [start, end] = placesByKey.get(key) ?? [];
      if (start === undefined || end === undefined) continue;
      writtenTables.set(table, { key, buffer: bytes, start: offsetOf(start), end: offsetOf(end) });
    }
  }
  return metadata;
}

/** Of objects in a text. */
type Places = Map<Json, readonly [start: number, end: number]>;

/** Where each table stands that is declared once. What is written there is read as that table again, however it is written. */
function placesOfTables(
  sources: readonly Json[],
  places: Places,
): ReadonlyMap<string, readonly [start: number, end: number]> {
  const found: Map<string, readonly [start: number, end: number]> = new Map();
  const repeated = new Set<string>();
  for (const source of sources) {
    const tables = isJsonObject(source) && Array.isArray(source['tables']) ? source['tables'] : [];
    for (const table of tables as readonly Json[]) {
      // the document was decoded, so that each has a name
      const key = nameKey(qualifiedName.decode((table as JsonObject)['table'] as Json, new Place()));
      const place = places.get(table);
      if (found.has(key) || place === undefined) repeated.add(key);
      else found.set(key, place);
    }
  }
  for (const key of repeated) found.delete(key);
  return found;
}

/** From places in a text to places in its UTF-8; asking in ascending order is quick. */
function byteOffsets(text: string, byteLength: number): (position: number) => number {
  if (text.length === byteLength) return (position) => position;
  let [at, offset] = [0, 0];
  return (position) => {
    if (position < at) [at, offset] = [0, 0];
    offset += Buffer.byteLength(text.slice(at, position));
    at = position;
    return offset;
  };
}

/** The bytes of the stored form in pieces. */
export function storedBytes(metadata: Metadata): readonly Uint8Array[] {
  const known = metadata.sources.filter(({ foreign }) => foreign === undefined);
  const tablesOf = new Map(known.map(({ name, tables }) => [name, tables]));
  const withoutTables = metadata.sources.map((source) => ({ ...source, tables: [] }));
  const form = storedForm({ ...metadata, sources: withoutTables });
  const pieces = new Pieces();
  pieces.object(form, 'sources', () => {
    pieces.text('[');
    for (const [index, source] of (form['sources'] as readonly JsonObject[]).entries()) {
      if (index > 0) pieces.text(',');
      const tables = tablesOf.get(source['name'] as string);
      if (tables === undefined) pieces.text(stringifyJson(source));
      else pieces.object(source, 'tables', () => pieces.tables(written(tables)));
    }
    pieces.text(']');
  });
  return pieces.end();
}

/** The tables in their order. */
function written(tables: readonly TableMetadata[]): readonly WrittenTable[] {
  const missing = tables.filter((table) => !writtenTables.has(table));
  writeMissing(missing.map((table) => ({ table, key: nameKey(table.table) })).sort(byKey));
  return (
    tables
      // all of them are written by now
      .map((table) => writtenTables.get(table) as WrittenTable)
      .sort(byKey)
  );
}

function byKey(first: { readonly key: string }, second: { readonly key: string }): number {
  return compareText(first.key, second.key);
}

function writeMissing(tables: readonly { readonly table: TableMetadata; readonly key: string }[]): void {
  for (let next = 0; next < tables.length; ) {
    const group: (Omit<WrittenTable, 'buffer'> & { readonly table: TableMetadata })[] = [];
    let text = '';
    let length = 0;
    for (; next < tables.length && length < bufferBytes; next++) {
      const { table, key } = tables[next] as (typeof tables)[number]; // in range
      const one = stringifyJson(tableMetadata.encode(table));
      text += `,${one}`;
      const start = length + 1;
      length = start + Buffer.byteLength(one);
      group.push({ table, key, start, end: length });
    }
    const buffer = Buffer.from(text);
    for (const { table, ...place } of group) writtenTables.set(table, { ...place, buffer });
  }
}

/** Gathers what follows on each other; what stands so in a buffer already is one piece. */
class Pieces {
  readonly #pieces: Uint8Array[] = [];
  #text = '';
  #run: Pick<WrittenTable, 'buffer' | 'start' | 'end'> | null = null;

  text(text: string): void {
    this.#endRun();
    this.#text += text;
  }

  /** An object, of which one member is written by the caller. */
  object(object: JsonObject, member: string, write: () => void): void {
    let before = '{';
    for (const [key, value] of Object.entries(object)) {
      this.text(`${before}${stringifyJson(key)}:`);
      if (key === member) write();
      else this.text(stringifyJson(value));
      before = ',';
    }
    this.text(before === '{' ? '{}' : '}');
  }

  tables(tables: readonly WrittenTable[]): void {
    this.text('[');
    for (const [index, { buffer, start, end }] of tables.entries()) {
      if (index === 0) {
        this.#bytes(buffer, start, end);
      } else if (start > 0 && buffer[start - 1] === comma) {
        this.#bytes(buffer, start - 1, end);
      } else {
        this.text(',');
        this.#bytes(buffer, start, end);
      }
    }
    this.text(']');
  }

  end(): readonly Uint8Array[] {
    this.#endRun();
    this.#endText();
    return this.#pieces;
  }

  #bytes(buffer: Uint8Array, start: number, end: number): void {
    if (this.#run?.buffer === buffer && this.#run.end === start) {
      this.#run = { buffer, start: this.#run.start, end };
      return;
    }
    this.#endRun();
    this.#endText();
    this.#run = { buffer, start, end };
  }

  #endRun(): void {
    if (this.#run === null) return;
    const { buffer, start, end } = this.#run;
    this.#pieces.push(buffer.subarray(start, end));
    this.#run = null;
  }

  #endText(): void {
    if (this.#text === '') return;
    this.#pieces.push(Buffer.from(this.#text));
    this.#text = '';
  }
}
