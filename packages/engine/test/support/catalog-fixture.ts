/**
 * Catalogues from a few lines, for tests that need no database: `id int4!, tags text[], kind text generated`.
 */
import {
  type Catalog,
  type CatalogColumn,
  type CatalogFunction,
  type CatalogTable,
  type ForeignKey,
  type PgType,
  type QualifiedName,
  qualifiedKey,
} from '../../src/catalog/index.ts';
import { arrayOf, pgType } from './pg-types.ts';

export interface TableFixture {
  /** Columns as in `id int4!, name text, tags text[], n int4 identity, total int4 generated`; `!` is NOT NULL. */
  readonly columns: string;
  /** Column names; the first column when absent, none when empty. */
  readonly primaryKey?: readonly string[];
  /** As in `{ author_id: 'author.id' }`, or `{ 'a, b': 'other.x, y' }` for a composite one. */
  readonly foreignKeys?: Readonly<Record<string, string>>;
  readonly unique?: readonly (readonly string[])[];
  readonly kind?: CatalogTable['kind'];
  readonly comment?: string;
}

export interface FunctionFixture {
  /** As in `author_row author, search text, n int4 default`. */
  readonly arguments?: string;
  /** As in `text` or `setof article`. */
  readonly returns: string;
  readonly volatility?: CatalogFunction['volatility'];
  readonly isVariadic?: boolean;
}

/** Keys are `name` (schema `public`) or `schema.name`. A list under a function's name is an overload. */
export interface CatalogFixture {
  readonly tables: Readonly<Record<string, TableFixture>>;
  readonly functions?: Readonly<Record<string, FunctionFixture | readonly FunctionFixture[]>>;
}

export function makeCatalog({ tables, functions = {} }: CatalogFixture): Catalog {
  const rowTypes = new Map(Object.keys(tables).map((name) => [name, rowType(readName(name))]));
  return {
    serverVersion: 150_000,
    tables: new Map(
      Object.entries(tables).map(([name, fixture]) => [
        qualifiedKey(readName(name)),
        makeTable(name, fixture),
      ]),
    ),
    functions: new Map(
      Object.entries(functions).map(([name, fixtures]) => [
        qualifiedKey(readName(name)),
        (Array.isArray(fixtures)
          ? (fixtures as readonly FunctionFixture[])
          : [fixtures as FunctionFixture]
        ).map((fixture) => makeFunction(readName(name), fixture, rowTypes)),
      ]),
    ),
    types: new Map(['bool', 'int4', 'int8', 'text', 'jsonb'].map(pgType).map((type) => [type.oid, type])),
  };
}

/** `author` or `app.author`. */
export function readName(text: string): QualifiedName {
  const [first = '', second] = text.split('.');
  return second === undefined ? { schema: 'public', name: first } : { schema: first, name: second };
}

function makeTable(fullName: string, fixture: TableFixture): CatalogTable {
  const name = readName(fullName);
  const columns = fixture.columns.split(',').map((text, index) => makeColumn(text.trim(), index + 1));
  const key = fixture.primaryKey ?? columns.slice(0, 1).map((column) => column.name);
  const kind = fixture.kind ?? 'table';
  const primaryKey =
    key.length === 0
      ? null
      : { name: `${name.name}_pkey`, columns: key, isPrimary: true, isConstraint: true };
  const unique = (fixture.unique ?? []).map((names) => ({
    name: `${name.name}_${names.join('_')}_key`,
    columns: names,
    isPrimary: false,
    isConstraint: true,
  }));
  const isWritable = kind !== 'view' && kind !== 'materialized-view';
  return {
    ...name,
    oid: nextOid++,
    kind,
    isPartition: false,
    comment: fixture.comment ?? null,
    columns,
    primaryKey,
    uniqueKeys: primaryKey === null ? unique : [primaryKey, ...unique],
    foreignKeys: Object.entries(fixture.foreignKeys ?? {}).map(([own, other]) =>
      makeForeignKey(name.name, own, other),
    ),
    isInsertable: isWritable,
    isUpdatable: isWritable,
    isDeletable: isWritable,
  };
}

function makeColumn(text: string, position: number): CatalogColumn {
  const [name = '', typeText = '', ...flags] = text.split(/\s+/);
  return {
    name,
    position,
    type: readType(typeText.replace('!', '')),
    isNullable: !typeText.endsWith('!'),
    hasDefault: flags.includes('default'),
    identity: flags.includes('identity') ? 'always' : null,
    isGenerated: flags.includes('generated'),
    comment: null,
  };
}

function makeForeignKey(table: string, own: string, other: string): ForeignKey {
  const columns = own.split(',').map((column) => column.trim());
  const [firstColumn = '', ...moreColumns] = other.split(',').map((column) => column.trim());
  const dot = firstColumn.lastIndexOf('.');
  return {
    name: `${table}_${columns.join('_')}_fkey`,
    columns,
    foreignTable: readName(firstColumn.slice(0, dot)),
    foreignColumns: [firstColumn.slice(dot + 1), ...moreColumns],
  };
}

function makeFunction(
  name: QualifiedName,
  fixture: FunctionFixture,
  rowTypes: ReadonlyMap<string, PgType>,
): CatalogFunction {
  const typeOf = (text: string): PgType => rowTypes.get(text) ?? readType(text);
  const returnsSet = fixture.returns.startsWith('setof ');
  return {
    ...name,
    oid: nextOid++,
    arguments: (fixture.arguments ?? '')
      .split(',')
      .filter((text) => text.trim() !== '')
      .map((text) => {
        const [argument = '', type = '', ...flags] = text.trim().split(/\s+/);
        return {
          name: argument === '_' ? null : argument,
          type: typeOf(type),
          hasDefault: flags.includes('default'),
        };
      }),
    isVariadic: fixture.isVariadic ?? false,
    volatility: fixture.volatility ?? 'stable',
    returnType: typeOf(fixture.returns.replace(/^setof /, '')),
    returnsSet,
    comment: null,
  };
}

function readType(text: string): PgType {
  return text.endsWith('[]') ? arrayOf(pgType(text.slice(0, -2))) : pgType(text);
}

function rowType(name: QualifiedName): PgType {
  const sqlName = name.schema === 'public' ? name.name : `${name.schema}.${name.name}`;
  return {
    oid: nextOid++,
    schema: name.schema,
    name: name.name,
    sqlName,
    kind: 'composite',
    element: null,
    base: null,
    relation: name,
  };
}

let nextOid = 200_000;
