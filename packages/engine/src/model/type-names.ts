/** Types by the names that metadata gives them: any that PostgreSQL itself accepts. */
import type { Catalog, PgType } from '../catalog/index.ts';

/**
 * `integer`, `int4`, `varchar(20)`, `timestamp with time zone`, `text[]`, `app.mood`; null for a name that the database does not know. Lengths and
 * precisions do not matter. Of several types with one name PostgreSQL's own counts, then that of `public`.
 */
export function findType(catalog: Catalog, name: string): PgType | null {
  const written = name.trim();
  const element = /^(.*)\[\s*\d*\s*\]$/s.exec(written)?.[1];
  if (element !== undefined) {
    const type = findType(catalog, element);
    return type === null ? null : arrayOf(catalog, type);
  }
  const names = namesOf(catalog);
  const plain = written.replace(/\s*\([\d\s,]*\)/, '').replace(/\s+/g, ' ');
  const lower = plain.toLowerCase();
  return names.get(plain) ?? names.get(lower) ?? names.get(spellings.get(lower) ?? '') ?? null;
}

/** What the parser of PostgreSQL accepts besides the names in its catalogue. Source: PostgreSQL manual, table 8.1. */
const spellings: ReadonlyMap<string, string> = new Map([
  ['int', 'int4'],
  ['serial', 'int4'],
  ['serial4', 'int4'],
  ['smallserial', 'int2'],
  ['serial2', 'int2'],
  ['bigserial', 'int8'],
  ['serial8', 'int8'],
  ['decimal', 'numeric'],
  ['dec', 'numeric'],
  ['float', 'float8'],
  ['double', 'float8'],
  ['char', 'bpchar'],
  ['character', 'bpchar'],
  ['char varying', 'varchar'],
  ['string', 'text'],
]);

function namesOf(catalog: Catalog): ReadonlyMap<string, PgType> {
  const known = namesByCatalog.get(catalog);
  if (known !== undefined) return known;
  const names = new Map<string, PgType>();
  const add = (name: string, type: PgType): void => {
    if (!names.has(name)) names.set(name, type);
  };
  const types = [...catalog.types.values()].filter(({ kind }) => kind !== 'pseudo');
  for (const isFirst of [
    ({ schema }: PgType) => schema === 'pg_catalog',
    ({ schema }: PgType) => schema === 'public',
    () => true,
  ]) {
    for (const type of types.filter(isFirst)) {
      // "char" is another type than char
      if (type.name !== 'char' || type.schema !== 'pg_catalog') add(type.name, type);
      add(type.sqlName, type);
      add(`${type.schema}.${type.name}`, type);
    }
  }
  namesByCatalog.set(catalog, names);
  return names;
}

function arrayOf(catalog: Catalog, element: PgType): PgType | null {
  for (const type of catalog.types.values()) {
    if (type.kind === 'array' && type.element === element) return type;
  }
  return null;
}

const namesByCatalog = new WeakMap<Catalog, ReadonlyMap<string, PgType>>();
