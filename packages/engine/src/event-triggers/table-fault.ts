import type { CatalogTable } from '../catalog/index.ts';
import { displayName, type EventTriggerMetadata } from '../metadata/index.ts';
import { missingColumn } from './missing-column.ts';

/** Why the table cannot have the trigger; null: it can. */
export function tableFault(trigger: EventTriggerMetadata, table: CatalogTable): string | null {
  const missing = missingColumn(trigger, table);
  if (missing !== null) return `no such column exists in table ${displayName(table)}: "${missing}"`;
  const { insert, update, delete: deletion } = trigger.definition;
  const needsTable = insert !== undefined || update !== undefined || deletion !== undefined;
  if (!needsTable || (table.kind !== 'view' && table.kind !== 'materialized-view')) return null;
  return `"${displayName(table)}" is a view, and views cannot have triggers for rows`;
}
