import { type Catalog, type QualifiedName, qualifiedKey } from '../catalog/index.ts';
import type { CatalogFacts } from '../metadata/index.ts';

/** What the metadata's commands need to know of the databases, from the catalogues as they were last read. */
export function catalogFacts(catalogOf: (source: string) => Catalog | null): CatalogFacts {
  const tableOf = (source: string, name: QualifiedName) =>
    catalogOf(source)?.tables.get(qualifiedKey(name)) ?? null;
  return {
    identityOf: catalogOf,
    columnsOf(source, name) {
      const table = tableOf(source, name);
      return table === null ? null : new Set(table.columns.map((column) => column.name));
    },
    foreignKeyOn(source, name, columns) {
      const key = tableOf(source, name)?.foreignKeys.find((candidate) =>
        isSameSet(candidate.columns, columns),
      );
      return key === undefined
        ? null
        : { name: key.name, table: key.foreignTable, columns: key.foreignColumns };
    },
    tableOfFunction(source, name) {
      const overloads = catalogOf(source)?.functions.get(qualifiedKey(name));
      return overloads?.[0]?.returnType.relation ?? null;
    },
  };
}

function isSameSet(first: readonly string[], second: readonly string[]): boolean {
  return first.length === second.length && first.every((item) => second.includes(item));
}
