import { RequestError } from '../../support/index.ts';
import {
  allDependentsOf,
  type DependencyTarget,
  dependentsOf,
  describe,
  removeObjects,
} from '../dependencies/index.ts';
import { type MetadataObjectId, objectKey } from '../object-id.ts';
import type { Metadata } from '../types.ts';
import type { CommandContext } from './command.ts';

/**
 * Removes an object; what depends on it goes too with `cascade` and is an error without. Source: spec/metadata-api.md 4.4.
 * @throws RequestError `dependency-error`
 */
export function dropObject(
  metadata: Metadata,
  object: MetadataObjectId,
  cascade: boolean,
  context: DropContext,
): Metadata {
  const dependents = leaves.has(object.kind) ? [] : dependentsToDrop(metadata, [object], cascade, context);
  return removeObjects(metadata, [...dependents, object]);
}

/** Nothing depends on these, so that the document need not be searched. */
const leaves: ReadonlySet<MetadataObjectId['kind']> = new Set([
  'permission',
  'function-permission',
  'event-trigger',
  'remote-relationship',
  'remote-schema-permission',
]);

type DropContext = Pick<CommandContext, 'path' | 'catalog' | 'leaving'>;

/** What goes with the targets. @throws RequestError `dependency-error` when something would and may not */
export function dependentsToDrop(
  metadata: Metadata,
  targets: readonly DependencyTarget[],
  cascade: boolean,
  { catalog, path, leaving }: DropContext,
): MetadataObjectId[] {
  if (cascade) return allDependentsOf(targets, metadata, catalog);
  const dependents = dependentsOf(targets, metadata, catalog);
  if (dependents.every((dependent) => isPartOf(dependent, leaving))) return dependents;
  throw new RequestError(
    'dependency-error',
    path,
    `cannot drop due to the following dependent objects: ${dependents.map(describe).sort().join(', ')}`,
  );
}

function isPartOf(object: MetadataObjectId, tables: ReadonlySet<string> | undefined): boolean {
  if (tables === undefined || !('table' in object)) return false;
  return tables.has(objectKey({ kind: 'table', source: object.source, table: object.table }));
}
