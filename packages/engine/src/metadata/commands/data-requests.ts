/**
 * Arguments of the JSON language for data: `select`, `insert`, `update`, `delete`, `count`. Only their shape; `data-operations/` gives them meaning.
 * Source: spec/metadata-api.md 5.2.
 */
import type { QualifiedName } from '../../catalog/index.ts';
import { isJsonObject, type Json, type JsonObject } from '../../support/index.ts';
import {
  type Codec,
  type Decoder,
  expectMember,
  expectObject,
  integer,
  json,
  jsonObject,
  list,
  nonEmptyText,
  object,
  optionalKept,
  type Place,
  required,
  text,
} from '../codec/index.ts';
import { booleanExpression } from '../shapes/permission.ts';
import { source, table } from './arguments.ts';

/** One item of `columns`. */
export type SelectedItem =
  | { readonly kind: 'column'; readonly name: string }
  /** `"*"` has depth 1, `"*.*"` depth 2. */
  | { readonly kind: 'star'; readonly depth: number }
  | {
      readonly kind: 'relationship';
      readonly name: string;
      readonly alias: string | null;
      readonly selection: RowSelection;
    };

export interface OrderByEntry {
  /** `["author", "name"]` for `author.name`. */
  readonly path: readonly string[];
  readonly direction: 'asc' | 'desc' | null;
  readonly nulls: 'first' | 'last' | null;
}

/** What is asked of the rows of one table. */
export interface RowSelection {
  readonly columns: readonly SelectedItem[];
  readonly where: JsonObject | null;
  readonly orderBy: readonly OrderByEntry[] | null;
  readonly limit: number | null;
  readonly offset: number | null;
}

interface TableArguments {
  readonly source: string;
  readonly table: QualifiedName;
}

export interface SelectRequest extends TableArguments {
  readonly operation: 'select';
  readonly selection: RowSelection;
}

export interface OnConflict {
  readonly action: 'ignore' | 'update';
  readonly constraint: string | null;
  readonly constraintOn: readonly string[] | null;
}

export interface InsertRequest extends TableArguments {
  readonly operation: 'insert';
  /** A list of objects, which is checked when the command runs. */
  readonly objects: Json;
  readonly onConflict: OnConflict | null;
  readonly returning: readonly string[] | null;
}

export interface UpdateRequest extends TableArguments {
  readonly operation: 'update';
  readonly where: JsonObject;
  readonly set: JsonObject;
  readonly inc: JsonObject;
  readonly mul: JsonObject;
  readonly defaults: readonly string[];
  readonly returning: readonly string[] | null;
}

export interface DeleteRequest extends TableArguments {
  readonly operation: 'delete';
  readonly where: JsonObject;
  readonly returning: readonly string[] | null;
}

export interface CountRequest extends TableArguments {
  readonly operation: 'count';
  readonly distinct: readonly string[] | null;
  readonly where: JsonObject | null;
}

export type DataRequest = SelectRequest | InsertRequest | UpdateRequest | DeleteRequest | CountRequest;

export type DataOperation = DataRequest['operation'];

type Decode<T> = (value: Json, place: Place) => T;

const returning = optionalKept(list(text));

/** The decoder of each operation's arguments. @throws RequestError `parse-failed` */
export const dataRequests: {
  readonly [O in DataOperation]: Decoder<Extract<DataRequest, { operation: O }>>;
} = {
  select: {
    decode: (value, place) => ({
      operation: 'select',
      ...onTable.decode(value, place),
      selection: decodeSelection(value, place),
    }),
  },
  insert: decoded(
    object('insert query', {
      table,
      source,
      objects: required(json),
      on_conflict: optionalKept(reading(decodeOnConflict)),
      returning,
    }),
    ({ on_conflict = null, returning = null, ...rest }) => ({
      operation: 'insert',
      ...rest,
      onConflict: on_conflict,
      returning,
    }),
  ),
  update: {
    decode(value, place) {
      const given = updateArguments.decode(value, place);
      return {
        operation: 'update',
        source: given.source,
        table: given.table,
        where: given.where,
        set: given.$set ?? given.values ?? {},
        inc: given.$inc ?? {},
        mul: given.$mul ?? {},
        defaults: given.$default ?? [],
        returning: given.returning ?? null,
      };
    },
  },
  delete: decoded(
    object('delete query', { table, source, where: required(booleanExpression), returning }),
    ({ returning = null, ...rest }) => ({ operation: 'delete', ...rest, returning }),
  ),
  count: decoded(
    object('count query', {
      table,
      source,
      distinct: optionalKept(list(text)),
      where: optionalKept(booleanExpression),
    }),
    ({ distinct = null, where = null, ...rest }) => ({ operation: 'count', ...rest, distinct, where }),
  ),
};

const onTable = object('query', { source, table });

const columnValues = jsonObject('HashMap');
const updateArguments = object('update query', {
  table,
  source,
  where: required(booleanExpression),
  $set: optionalKept(columnValues),
  values: optionalKept(columnValues),
  $inc: optionalKept(columnValues),
  $mul: optionalKept(columnValues),
  $default: optionalKept(list(text)),
  returning,
});

// ---- select -------------------------------------------------------------------------------------------------------------------------

function decodeSelection(value: Json, place: Place): RowSelection {
  const given = selectionArguments.decode(value, place);
  return {
    columns: given.columns,
    where: given.where ?? null,
    orderBy: given.order_by ?? null,
    limit: given.limit ?? null,
    offset: given.offset ?? null,
  };
}

/** It becomes a key of PostgreSQL's JSON. */
function decodeAlias(value: Json, place: Place): string {
  const alias = nonEmptyText.decode(value, place);
  return alias.includes('\0') ? place.fail('a null character is not allowed') : alias;
}

function decodeItem(value: Json, place: Place): SelectedItem {
  if (typeof value === 'string') {
    // "*", "*.*" …
    if (/^\*(?:\.\*)*$/.test(value)) return { kind: 'star', depth: (value.length + 1) / 2 };
    return { kind: 'column', name: value };
  }
  if (!isJsonObject(value)) {
    return place.fail('A column should either be a string or an object (relationship)');
  }
  const alias = value['alias'] ?? null;
  return {
    kind: 'relationship',
    name: nonEmptyText.decode(expectMember(value, 'name', place), place.child('name')),
    alias: alias === null ? null : decodeAlias(alias, place.child('alias')),
    selection: decodeSelection(value, place),
  };
}

const selectionArguments = object('SelectG', {
  columns: required(list(reading(decodeItem))),
  where: optionalKept(booleanExpression),
  order_by: optionalKept(reading(decodeOrderBy)),
  limit: optionalKept(integer),
  offset: optionalKept(integer),
});

function decodeOrderBy(value: Json, place: Place): readonly OrderByEntry[] {
  if (Array.isArray(value)) {
    // errors do not tell which entry they are about
    return value.map((item: Json) => {
      if (typeof item === 'string' || isJsonObject(item)) return decodeOrderByEntry(item, place);
      return place.fail('expecting an object or string for order by');
    });
  }
  if (typeof value === 'string' || isJsonObject(value)) return [decodeOrderByEntry(value, place)];
  return place.fail('Expecting : array/string/object');
}

/** `"+name"`, `"-author.name"`, `{"column", "type", "nulls"}`. */
function decodeOrderByEntry(value: string | JsonObject, place: Place): OrderByEntry {
  if (typeof value === 'string') {
    const sign = /^[+-]/.exec(value)?.[0];
    return {
      path: columnPath(sign === undefined ? value : value.slice(1), place),
      direction: sign === undefined ? null : sign === '+' ? 'asc' : 'desc',
      nulls: null,
    };
  }
  const member = <T extends string>(key: string, allowed: readonly T[]): T | null => {
    const given = value[key] ?? null;
    if (given === null) return null;
    const word = text.decode(given, place.child(key));
    const known = allowed.find((candidate) => candidate === word);
    return known ?? place.child(key).fail(`expecting one of: ${allowed.join(', ')}, but found: ${word}`);
  };
  const column = expectMember(value, 'column', place);
  return {
    path: readColumn(column, place.child('column')),
    direction: member('type', ['asc', 'desc']),
    nulls: member('nulls', ['first', 'last']),
  };
}

/** `"rel.col"`, or `{"rel": {"rel": "col"}}`. */
function readColumn(value: Json, place: Place): readonly string[] {
  if (typeof value === 'string') return columnPath(value, place);
  const entries = Object.entries(expectObject('OrderByColumn', value, place));
  const [only] = entries;
  if (only === undefined || entries.length > 1) {
    return place.fail('expecting a single element when specifying a relationship column');
  }
  const [name, rest] = only;
  return [name, ...readColumn(rest, place.child(name))];
}

function columnPath(value: string, place: Place): readonly string[] {
  const path = value.split('.');
  return path.includes('') ? place.fail('Empty string in order by') : path;
}

// ---- insert -------------------------------------------------------------------------------------------------------------------------

function decodeOnConflict(value: Json, place: Place): OnConflict {
  const given = expectObject('OnConflict', value, place);
  const on = given['constraint_on'] ?? null;
  const constraint = given['constraint'] ?? null;
  return {
    constraintOn: on === null ? null : decodeConstraintColumns(on, place.child('constraint_on')),
    constraint: constraint === null ? null : text.decode(constraint, place.child('constraint')),
    action: decodeAction(expectMember(given, 'action', place), place.child('action')),
  };
}

function decodeConstraintColumns(value: Json, place: Place): readonly string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? list(text).decode(value, place) : place.fail('Expecting String or Array');
}

function decodeAction(value: Json, place: Place): OnConflict['action'] {
  return value === 'ignore' || value === 'update' ? value : place.fail("Expecting 'ignore' or 'update'");
}

// ---- helpers ------------------------------------------------------------------------------------------------------------------------

/** A codec for shapes that are only read. */
function reading<T>(decode: Decode<T>): Codec<T> {
  return {
    decode,
    encode() {
      throw new TypeError('arguments of data operations are not written');
    },
  };
}

function decoded<F extends object, T>(codec: Codec<F>, make: (given: F) => T): Decoder<T> {
  return { decode: (value, place) => make(codec.decode(value, place)) };
}
