import type { QualifiedName } from '../../catalog/index.ts';

/** What the database knows and the metadata does not, for following relationships that are built on foreign keys. */
export interface CatalogFacts {
  /** Equal facts about a source have the same: what was derived from them is kept by it. Null, or without it: nothing is kept. */
  identityOf?(source: string): object | null;
  /** The columns of a table; null when it is not known. */
  columnsOf(source: string, table: QualifiedName): ReadonlySet<string> | null;
  /** The foreign key on exactly these columns of the table, in any order; null without one. */
  foreignKeyOn(
    source: string,
    table: QualifiedName,
    columns: readonly string[],
  ): { readonly name: string; readonly table: QualifiedName; readonly columns: readonly string[] } | null;
  /** The table whose rows the function returns; null when it returns something else or is not known. */
  tableOfFunction(source: string, fn: QualifiedName): QualifiedName | null;
}

/** For documents without a database behind them. */
export const noCatalogFacts: CatalogFacts = {
  columnsOf: () => null,
  foreignKeyOn: () => null,
  tableOfFunction: () => null,
};
