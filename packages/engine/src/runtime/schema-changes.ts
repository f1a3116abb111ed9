import {
  type Catalog,
  type CatalogTable,
  type ForeignKey,
  type QualifiedName,
  qualifiedKey,
} from '../catalog/index.ts';
import {
  allDependentsOf,
  type CatalogFacts,
  type DependencyTarget,
  dependenciesOf,
  dependentsOf,
  describe,
  displayName,
  dropColumn,
  type Metadata,
  removeObjects,
  renameInDatabase,
  type SourceMetadata,
} from '../metadata/index.ts';
import { type Path, RequestError } from '../support/index.ts';

export interface SchemaChangeOptions {
  readonly source: string;
  readonly before: Catalog;
  readonly after: Catalog;
  /** Facts about the database as it was before. */
  readonly facts: CatalogFacts;
  /** Drop what depends on what was dropped, instead of refusing. */
  readonly cascades: boolean;
  /** Of the command, for errors. */
  readonly path: Path;
}

/**
 * The metadata after the database changed beneath it: renamed tables and columns are renamed everywhere, dropped ones leave, and what depends on them
 * is dropped with `cascades` or refused without. Tables are recognised by OID, columns by their number, functions by OID and name: one that is
 * renamed is gone. Source: spec/metadata-api.md 6.
 * @throws RequestError `dependency-error` and others, when the change cannot be followed
 */
export function followSchemaChanges(metadata: Metadata, options: SchemaChangeOptions): Metadata {
  const source = metadata.sources.find(({ name }) => name === options.source);
  if (source === undefined) return metadata;
  const changes = findChanges(source, options);
  refuseFunctionChanges(source, options);
  refuseTypeChanges(metadata, changes.retyped, options);

  const next = dropWhatIsGone(metadata, changes.dropped, options);
  for (const { table, from, to } of changes.renamedColumns) {
    refuseClash(next, options, table, from, to);
  }
  return renameInDatabase(
    next,
    { source: options.source, tables: changes.renamedTables, columns: changes.renamedColumns },
    options.facts,
  );
}

interface Changes {
  readonly dropped: readonly DependencyTarget[];
  readonly renamedTables: readonly { readonly from: QualifiedName; readonly to: QualifiedName }[];
  readonly renamedColumns: readonly {
    readonly table: QualifiedName;
    readonly from: string;
    readonly to: string;
  }[];
  readonly retyped: readonly { readonly table: QualifiedName; readonly name: string }[];
}

function findChanges(source: SourceMetadata, { before, after }: SchemaChangeOptions): Changes {
  const dropped: DependencyTarget[] = [];
  const renamedTables: { from: QualifiedName; to: QualifiedName }[] = [];
  const renamedColumns: { table: QualifiedName; from: string; to: string }[] = [];
  const retyped: { table: QualifiedName; name: string }[] = [];
  const afterByOid = new Map([...after.tables.values()].map((table) => [table.oid, table]));

  for (const { table: tracked } of source.tables) {
    const old = before.tables.get(qualifiedKey(tracked));
    if (old === undefined) continue;
    const table: QualifiedName = { schema: old.schema, name: old.name };
    const at = { source: source.name, table };
    const now = afterByOid.get(old.oid);
    if (now === undefined) {
      dropped.push({ kind: 'table', ...at });
      continue;
    }
    if (now.name !== old.name || now.schema !== old.schema) {
      renamedTables.push({ from: table, to: { schema: now.schema, name: now.name } });
    }
    const columnByPosition = new Map(now.columns.map((column) => [column.position, column]));
    for (const column of old.columns) {
      const current = columnByPosition.get(column.position);
      if (current === undefined) dropped.push({ kind: 'column', ...at, name: column.name });
      else if (current.name !== column.name)
        renamedColumns.push({ table, from: column.name, to: current.name });
      if (current !== undefined && current.type.oid !== column.type.oid)
        retyped.push({ table, name: column.name });
    }
    for (const name of droppedConstraints(old, now)) dropped.push({ kind: 'constraint', ...at, name });
  }
  for (const [key, overloads] of before.functions) {
    const [fn] = overloads;
    const remaining = new Set((after.functions.get(key) ?? []).map(({ oid }) => oid));
    if (fn === undefined || overloads.some(({ oid }) => remaining.has(oid))) continue;
    const name: QualifiedName = { schema: fn.schema, name: fn.name };
    dropped.push({ kind: 'database-function', source: source.name, function: name });
    dropped.push({ kind: 'function', source: source.name, function: name });
  }
  return { dropped, renamedTables, renamedColumns, retyped };
}

function droppedConstraints(old: CatalogTable, now: CatalogTable): string[] {
  const remaining = new Set([...now.foreignKeys, ...now.uniqueKeys].map(({ name }) => name));
  // A rename of columns or tables does not touch the constraint's name; one that is renamed is known by what it joins.
  const joins = new Set(now.foreignKeys.map(joinOf));
  return old.foreignKeys
    .filter((key) => !remaining.has(key.name) && !joins.has(joinOf(key)))
    .map(({ name }) => name);
}

function joinOf({ columns, foreignTable, foreignColumns }: ForeignKey): string {
  return JSON.stringify([columns, qualifiedKey(foreignTable), foreignColumns]);
}

function dropWhatIsGone(
  metadata: Metadata,
  dropped: readonly DependencyTarget[],
  options: SchemaChangeOptions,
): Metadata {
  if (dropped.length === 0) return metadata;
  const dependents = dependentsOf(dropped, metadata, options.facts);
  if (dependents.length > 0 && !options.cascades) {
    throw new RequestError(
      'dependency-error',
      options.path,
      `cannot drop due to the following dependent objects: ${dependents.map(describe).join(', ')}`,
    );
  }
  // a relationship that goes takes along the rules that follow it
  const leaving = dependents.length === 0 ? [] : allDependentsOf(dropped, metadata, options.facts);
  let next = removeObjects(metadata, leaving);
  for (const target of dropped) {
    if (target.kind === 'table' || target.kind === 'function') next = removeObjects(next, [target]);
    else if (target.kind === 'column') {
      next = dropColumn(next, { source: target.source, table: target.table, column: target.name });
    }
  }
  return next;
}

/** A static value in a permission is of the old type. */
function refuseTypeChanges(
  metadata: Metadata,
  retyped: Changes['retyped'],
  options: SchemaChangeOptions,
): void {
  if (retyped.length === 0) return;
  const dependencies = dependenciesOf(metadata, options.facts).filter(({ isTyped }) => isTyped);
  for (const { table, name } of retyped) {
    const dependents = dependencies.filter(
      ({ on }) =>
        on.kind === 'column' &&
        on.source === options.source &&
        on.name === name &&
        qualifiedKey(on.table) === qualifiedKey(table),
    );
    if (dependents.length === 0) continue;
    const list = [...new Set(dependents.map(({ object }) => describe(object)))].sort().join(', ');
    throw new RequestError(
      'dependency-error',
      options.path,
      `cannot change type of column "${name}" in table "${displayName(table)}" because of the following dependencies: ${list}`,
    );
  }
}

/** Functions in use may be neither overloaded nor made volatile. */
function refuseFunctionChanges(source: SourceMetadata, { before, after, path }: SchemaChangeOptions): void {
  const usedBy = (name: QualifiedName) => ({
    before: before.functions.get(qualifiedKey(name)),
    after: after.functions.get(qualifiedKey(name)),
  });
  type Versions = ReturnType<typeof usedBy>;
  // one that was dropped is no longer in use, whatever was made in its place
  const isOverloaded = ({ before: was = [], after: is = [] }: Versions) =>
    was.length === 1 && is.length > 1 && is.some(({ oid }) => oid === was[0]?.oid);
  const becameVolatile = ({ before: was = [], after: is = [] }: Versions) =>
    was[0] !== undefined &&
    was[0].volatility !== 'volatile' &&
    is[0]?.volatility === 'volatile' &&
    is[0].oid === was[0].oid;

  const overloaded: string[] = [];
  for (const { function: name } of source.functions ?? []) {
    const versions = usedBy(name);
    if (isOverloaded(versions)) overloaded.push(displayName(name));
    else if (becameVolatile(versions)) {
      throw new RequestError(
        'not-supported',
        path,
        `type of function "${displayName(name)}" is altered to "VOLATILE" which is not supported now`,
      );
    }
  }
  if (overloaded.length > 0) {
    throw new RequestError(
      'not-supported',
      path,
      `the following tracked function(s) cannot be overloaded: ${overloaded.join(', ')}`,
    );
  }
  for (const { table, computed_fields: fields = [] } of source.tables) {
    for (const { name: field, definition } of fields) {
      const versions = usedBy(definition.function);
      const isBad = isOverloaded(versions) ? 'overloaded' : becameVolatile(versions) ? 'altered' : null;
      if (isBad === null) continue;
      const fn = displayName(definition.function);
      const of = `of table "${displayName(table)}"`;
      const message =
        isBad === 'overloaded'
          ? `The function "${fn}" associated with computed field"${field}" ${of} is being overloaded`
          : `The type of function "${fn}" associated with computed field "${field}" ${of} is being altered to "VOLATILE"`;
      throw new RequestError('not-supported', path, message);
    }
  }
}

function refuseClash(
  metadata: Metadata,
  { source: sourceName, path }: SchemaChangeOptions,
  table: QualifiedName,
  from: string,
  to: string,
): void {
  const tracked = metadata.sources
    .find(({ name }) => name === sourceName)
    ?.tables.find((candidate) => qualifiedKey(candidate.table) === qualifiedKey(table));
  const relationships = [...(tracked?.object_relationships ?? []), ...(tracked?.array_relationships ?? [])];
  if (!relationships.some(({ name }) => name === to)) return;
  throw new RequestError(
    'already-exists',
    path,
    `cannot rename column "${from}" to "${to}" in table "${displayName(table)}" as a relationship with the name already exists`,
  );
}
