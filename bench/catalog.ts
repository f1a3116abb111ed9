/**
 * How long reading the catalogue takes and how much memory it keeps.
 *
 *   DATABASE_URL=postgres://… node --expose-gc --import tsx bench/catalog.ts
 */
import { readCatalog } from '../packages/engine/src/catalog/index.ts';
import { openDatabase } from '../packages/engine/src/database/index.ts';

const url = process.env['DATABASE_URL'];
if (url === undefined) throw new Error('set DATABASE_URL');
const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
const database = openDatabase({ url });
for (let round = 1; round <= 3; round++) {
  globalThis.gc?.();
  const heapBefore = process.memoryUsage().heapUsed;
  const begin = performance.now();
  const catalog = await readCatalog(database);
  const ms = performance.now() - begin;
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  let columns = 0;
  for (const table of catalog.tables.values()) columns += table.columns.length;
  console.log(
    `${catalog.tables.size} tables, ${columns} columns, ${catalog.functions.size} function names, ${catalog.types.size} types: ` +
      `${ms.toFixed(0)} ms, keeps ${megabytes(heapUsed - heapBefore)}, resident ${megabytes(rss)}`,
  );
}
await database.close();
