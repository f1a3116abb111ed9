/** Small changes to documents: each gives a new document and shares what did not change. */
import type { QualifiedName } from '../catalog/index.ts';
import { isJsonObject, type Json, type Path, RequestError } from '../support/index.ts';
import { displayName, isSameName } from './names.ts';
import type {
  FunctionMetadata,
  LogicalModelMetadata,
  Metadata,
  NativeQueryMetadata,
  SourceMetadata,
  TableMetadata,
} from './types.ts';

export function findSource(metadata: Metadata, name: string): SourceMetadata | undefined {
  return metadata.sources.find((source) => source.name === name);
}

export function findTable(
  metadata: Metadata,
  source: string,
  table: QualifiedName,
): TableMetadata | undefined {
  return findSource(metadata, source)?.tables.find((candidate) => isSameName(candidate.table, table));
}

export function findFunction(
  metadata: Metadata,
  source: string,
  fn: QualifiedName,
): FunctionMetadata | undefined {
  return findSource(metadata, source)?.functions?.find((candidate) => isSameName(candidate.function, fn));
}

export function requireSource(metadata: Metadata, name: string, path: Path): SourceMetadata {
  const source = findSource(metadata, name);
  if (source !== undefined) return source;
  throw new RequestError('not-exists', path, `source with name "${name}" does not exist`);
}

export function requireTable(
  metadata: Metadata,
  source: string,
  table: QualifiedName,
  path: Path,
): TableMetadata {
  const found = findTable(metadata, source, table);
  if (found !== undefined) return found;
  throw new RequestError(
    'not-exists',
    path,
    `table "${displayName(table)}" does not exist in source: ${source}`,
  );
}

export function updateSource(
  metadata: Metadata,
  name: string,
  change: (source: SourceMetadata) => SourceMetadata,
): Metadata {
  return {
    ...metadata,
    sources: metadata.sources.map((source) => (source.name === name ? change(source) : source)),
  };
}

export function updateTable(
  metadata: Metadata,
  source: string,
  table: QualifiedName,
  change: (table: TableMetadata) => TableMetadata,
): Metadata {
  return updateSource(metadata, source, (found) => ({
    ...found,
    tables: found.tables.map((candidate) =>
      isSameName(candidate.table, table) ? change(candidate) : candidate,
    ),
  }));
}

export function updateFunction(
  metadata: Metadata,
  source: string,
  fn: QualifiedName,
  change: (fn: FunctionMetadata) => FunctionMetadata,
): Metadata {
  return updateSource(metadata, source, (found) => ({
    ...found,
    functions: (found.functions ?? []).map((candidate) =>
      isSameName(candidate.function, fn) ? change(candidate) : candidate,
    ),
  }));
}

/** The value without a key. */
export function without<T extends object, K extends keyof T>(value: T, key: K): Omit<T, K> {
  const { [key]: _removed, ...rest } = value;
  return rest;
}

/** The value with a key, or without it when there is nothing to put there. */
export function withOptional<T extends object, K extends string, V>(
  value: T,
  key: K,
  member: V | undefined | null,
): Omit<T, K> & { [P in K]?: V } {
  const { [key as unknown as keyof T]: _removed, ...rest } = value;
  // The union of both branches is exactly the declared type; a computed key of a type parameter is beyond the checker.
  return (member === undefined || member === null ? rest : { ...rest, [key]: member }) as Omit<T, K> & {
    [P in K]?: V;
  };
}

/** The list with items of the same key replaced by, or else ended by, the item. */
export function upsert<T>(
  items: readonly T[] | undefined,
  item: T,
  isSame: (other: T) => boolean,
): readonly T[] {
  const list = items ?? [];
  return list.some(isSame) ? list.map((other) => (isSame(other) ? item : other)) : [...list, item];
}

export function append<T>(items: readonly T[] | undefined, item: T): readonly T[] {
  return [...(items ?? []), item];
}

export function reject<T>(items: readonly T[] | undefined, isUnwanted: (item: T) => boolean): readonly T[] {
  return (items ?? []).filter((item) => !isUnwanted(item));
}

type ModelPermissions = NonNullable<LogicalModelMetadata['select_permissions']>;

/** The document with other permissions on a logical model, or on the model that a native query declares in itself. */
export function changeModelPermissions(
  metadata: Metadata,
  id: {
    readonly source: string;
    readonly place: 'logical-model' | 'native-query';
    readonly name: string;
  },
  change: (permissions: ModelPermissions | undefined) => ModelPermissions | undefined,
): Metadata {
  return updateSource(metadata, id.source, (source) => withModelPermissions(source, id, change));
}

/** The same within one source. */
export function withModelPermissions(
  source: SourceMetadata,
  { place, name }: { readonly place: 'logical-model' | 'native-query'; readonly name: string },
  change: (permissions: ModelPermissions | undefined) => ModelPermissions | undefined,
): SourceMetadata {
  if (place === 'logical-model') {
    return {
      ...source,
      logical_models: (source.logical_models ?? []).map((model) =>
        model.name === name ? withPermissions(model, change) : model,
      ),
    };
  }
  return {
    ...source,
    native_queries: (source.native_queries ?? []).map((query) => {
      const model = inlineModelOf(query);
      if (query.root_field_name !== name || model === null) return query;
      return { ...query, returns: withPermissions(model, change) as unknown as Json };
    }),
  };
}

/** The logical model that the query declares in itself; null when it names one. */
export function inlineModelOf({ returns }: NativeQueryMetadata): Omit<LogicalModelMetadata, 'name'> | null {
  // its codec has read it as a model
  return isJsonObject(returns) ? (returns as unknown as Omit<LogicalModelMetadata, 'name'>) : null;
}

/** The permissions of each logical model, and of each model that a native query declares in itself. */
export function permissionsOfModels(source: SourceMetadata): readonly {
  readonly place: 'logical-model' | 'native-query';
  readonly name: string;
  readonly permissions: ModelPermissions;
}[] {
  const { logical_models: models = [], native_queries: queries = [] } = source;
  return [
    ...models.map(({ name, select_permissions: permissions = [] }) => ({
      place: 'logical-model' as const,
      name,
      permissions,
    })),
    ...queries.map((query) => ({
      place: 'native-query' as const,
      name: query.root_field_name,
      permissions: inlineModelOf(query)?.select_permissions ?? [],
    })),
  ].filter(({ permissions }) => permissions.length > 0);
}

function withPermissions<M extends Pick<LogicalModelMetadata, 'select_permissions'>>(
  model: M,
  change: (permissions: ModelPermissions | undefined) => ModelPermissions | undefined,
): M {
  const { select_permissions: permissions, ...rest } = model;
  const changed = change(permissions);
  return (changed === undefined ? rest : { ...rest, select_permissions: changed }) as M;
}
