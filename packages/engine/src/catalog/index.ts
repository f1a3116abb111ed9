/**
 * What the database holds. In: a database, or the connection of an open transaction. Out: an immutable `Catalog` of tables, columns, keys,
 * functions and types, read from `pg_catalog` in a fixed number of statements whatever the number of tables. Promises: one snapshot, one object
 * per type, names as they are (nothing is quoted or changed).
 */
export { keepSame } from './keep-same.ts';
export { readCatalog } from './read-catalog.ts';
export { type EnumTable, type EnumValues, readEnumValues } from './read-enum-values.ts';
export * from './types.ts';
