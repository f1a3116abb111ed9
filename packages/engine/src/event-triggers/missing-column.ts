import type { CatalogTable } from '../catalog/index.ts';
import type { EventTriggerMetadata } from '../metadata/index.ts';

/** A column that the trigger lists and the table does not have; null: there is none. */
export function missingColumn({ definition }: EventTriggerMetadata, table: CatalogTable): string | null {
  const columns = new Set(table.columns.map(({ name }) => name));
  for (const operation of [definition.insert, definition.update, definition.delete]) {
    for (const selection of [operation?.columns, operation?.payload]) {
      const missing = selection === '*' ? undefined : selection?.find((name) => !columns.has(name));
      if (missing !== undefined) return missing;
    }
  }
  return null;
}
