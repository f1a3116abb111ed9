import type { QualifiedName } from '../../catalog/index.ts';
import { type Path, RequestError } from '../../support/index.ts';
import { requireTable } from '../edit.ts';
import { displayName } from '../names.ts';
import { objectKey } from '../object-id.ts';
import type { Metadata, TableMetadata } from '../types.ts';
import type { CommandContext } from './command.ts';

type KnownInconsistent = Pick<CommandContext, 'inconsistent'>;

export function isUsableSource(source: string, { inconsistent }: KnownInconsistent): boolean {
  return !inconsistent.has(objectKey({ kind: 'source', source }));
}

/** Whether the table, and the source that it is in, stand. */
export function isUsableTable(source: string, table: QualifiedName, context: KnownInconsistent): boolean {
  return (
    isUsableSource(source, context) && !context.inconsistent.has(objectKey({ kind: 'table', source, table }))
  );
}

/**
 * The table that something is to be added to: an inconsistent one counts as one that does not exist, lest what is added is never held against it.
 * @throws RequestError `not-exists`
 */
export function requireUsableTable(
  metadata: Metadata,
  { source, table }: { readonly source: string; readonly table: QualifiedName },
  path: Path,
  context: KnownInconsistent,
): TableMetadata {
  const found = requireTable(metadata, source, table, path);
  if (isUsableTable(source, table, context)) return found;
  throw new RequestError(
    'not-exists',
    path,
    `table "${displayName(table)}" does not exist in source: ${source}`,
  );
}
