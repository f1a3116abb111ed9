/**
 * Root fields that two objects define. Commands that would cause one are refused. Source: spec/metadata-api.md 4.3, spec/graphql-api.md 1.1.
 */
import type { Metadata } from '../metadata/index.ts';
import { describeName } from '../permissions/index.ts';
import { Path, RequestError } from '../support/index.ts';
import type { Model, RootFieldKind, Source, TrackedTable } from './types.ts';

/**
 * The refusal when two objects have the same root field; null when none do.
 * @param previous a model that was looked at before: when nothing that has root fields has changed since and none met then, none do
 */
export function findRootFieldConflict(
  model: Model,
  metadata: Metadata,
  previous: Model | null = null,
): RequestError | null {
  const named = whatHasRootFields(model, metadata);
  const before = previous === null ? undefined : withoutConflict.get(previous);
  const added = before === undefined ? null : addedTables(named, before);
  const isFree = added !== null && !mayMeet(model, metadata, added);
  const conflict = isFree ? null : findConflict(model, metadata);
  if (conflict === null) withoutConflict.set(model, named);
  return conflict;
}

/** By model: what its root fields come from. */
const withoutConflict = new WeakMap<Model, RootFieldOrigins>();

/** Equal parts are the same object or text. */
interface RootFieldOrigins {
  readonly others: readonly unknown[];
  /** By source, in the order of the names of `others`: of each table that has any its names and what says which of them there are. */
  readonly ofTables: readonly ReadonlyMap<TrackedTable['rootFields'], TrackedTable['catalog']>[];
}

/** The root fields of the tables that were not there or had others; null when something else has changed. */
function addedTables(
  named: RootFieldOrigins,
  before: RootFieldOrigins,
): ReadonlySet<TrackedTable['rootFields']> | null {
  const isSame =
    named.others.length === before.others.length &&
    named.others.every((part, index) => part === before.others[index]);
  if (!isSame) return null;
  const added = new Set<TrackedTable['rootFields']>();
  for (const [index, tables] of named.ofTables.entries()) {
    const known = before.ofTables[index];
    if (known === tables) continue;
    for (const [rootFields, catalog] of tables) {
      if (known?.get(rootFields) !== catalog) added.add(rootFields);
    }
  }
  return added;
}

/** Whether a field of the added tables may be defined twice, where no other is: what is no more is in nobody's way. */
function mayMeet(model: Model, metadata: Metadata, added: ReadonlySet<TrackedTable['rootFields']>): boolean {
  if (added.size === 0) return false;
  return roots.some((root) => {
    const isAdded = (table: TrackedTable): boolean => added.has(table.rootFields);
    const fields = originsByField(model, metadata, root, isAdded);
    for (const origins of fields.values()) if (origins.length > 1) return true;
    for (const source of model.sources.values()) {
      const within = prefixOf(source);
      for (const table of source.tables.values()) {
        if (isAdded(table) || table.graphqlName === null) continue;
        for (const kind of rootFieldKinds(table, root)) {
          if (fields.has(within + table.rootFields[kind].name)) return true;
        }
      }
    }
    return false;
  });
}

/** Permissions and relationships are not among it. */
function whatHasRootFields(model: Model, { actions }: Metadata): RootFieldOrigins {
  const sources = [...model.sources.values()];
  const others = sources.flatMap(({ name, naming, nativeQueries, functions }) => [
    name,
    naming,
    nativeQueries,
    ...[...functions.values()].map((fn) => JSON.stringify([fn.exposedAs, fn.rootFields, fn.schema, fn.name])),
  ]);
  return { others: [actions, ...others], ofTables: sources.map(({ tables }) => namedTables(tables)) };
}

type NamedTables = RootFieldOrigins['ofTables'][number];

/** Made once for all models that have the same tables. */
function namedTables(tables: Source['tables']): NamedTables {
  const known = namedTablesOf.get(tables);
  if (known !== undefined) return known;
  const made = new Map(
    [...tables.values()]
      .filter(({ graphqlName }) => graphqlName !== null)
      .map((table) => [table.rootFields, table.catalog]),
  );
  namedTablesOf.set(tables, made);
  return made;
}

const namedTablesOf = new WeakMap<Source['tables'], NamedTables>();

function findConflict(model: Model, metadata: Metadata): RequestError | null {
  for (const root of roots) {
    const conflicts = [...originsByField(model, metadata, root, () => true)].filter(
      ([, origins]) => origins.length > 1,
    );
    if (conflicts.length === 0) continue;
    return new RequestError('unexpected', Path.root.child('args'), describe(root, conflicts), {
      status: 500,
    });
  }
  return null;
}

/** v2 builds them in this order and tells the first that it cannot build. */
const roots = ['mutation_root', 'subscription_root', 'query_root'] as const;
type Root = (typeof roots)[number];

function describe(root: Root, conflicts: readonly (readonly [string, readonly string[]])[]): string {
  const fields = conflicts.map(
    ([field, origins]) => `'${field}' defined in [${[...origins].sort(byOrigin).join(', ')}]`,
  );
  const what =
    fields.length === 1 ? `field ${fields[0]}` : `fields: [\n  ${fields.reverse().join(',\n  ')}\n]`;
  return `Encountered conflicting definitions in the selection set for '${root}' for ${what}. Fields must not be defined more than once across all sources.`;
}

const kindsInOrder = ['introspection', 'action', 'table', 'function', 'native_query'];

function byOrigin(first: string, second: string): number {
  const rank = (origin: string) => kindsInOrder.findIndex((kind) => origin.startsWith(kind));
  return rank(first) - rank(second) || (first < second ? -1 : 1);
}

/** Fields of different namespaces do not meet. */
function prefixOf({ naming }: Source): string {
  return naming.namespace === null ? '' : `${naming.namespace}.`;
}

/** Of the tables that count, and of all else. */
function originsByField(
  model: Model,
  metadata: Metadata,
  root: Root,
  counts: (table: TrackedTable) => boolean,
): ReadonlyMap<string, string[]> {
  const origins = new Map<string, string[]>();
  const add = (field: string, origin: string): void => {
    const known = origins.get(field);
    if (known === undefined) origins.set(field, [origin]);
    else if (!known.includes(origin)) known.push(origin);
  };
  if (root === 'query_root') for (const field of ['__schema', '__type']) add(field, 'introspection');
  add('__typename', 'introspection');
  for (const source of model.sources.values()) {
    const within = prefixOf(source);
    for (const table of source.tables.values()) {
      if (table.graphqlName === null || !counts(table)) continue;
      const origin = `table ${describeName(table)} in source ${source.name}`;
      for (const kind of rootFieldKinds(table, root)) add(within + table.rootFields[kind].name, origin);
    }
    if (root !== 'mutation_root') {
      for (const { rootField, name } of source.nativeQueries.values()) {
        add(within + rootField, `native_query ${name} in source ${source.name}`);
      }
    }
    for (const fn of source.functions.values()) {
      if ((fn.exposedAs === 'mutation') !== (root === 'mutation_root')) continue;
      const origin = `function ${describeName(fn)} in source ${source.name}`;
      add(within + fn.rootFields.function, origin);
      if (fn.exposedAs === 'query') add(within + fn.rootFields.aggregate, origin);
    }
  }
  for (const action of metadata.actions ?? []) {
    const { type, kind } = action.definition;
    // the result of an asynchronous mutation is asked for by the same name
    const isAsynchronous = type === 'mutation' && kind === 'asynchronous';
    if (isAsynchronous || root === `${type}_root`) add(action.name, `action ${action.name}`);
  }
  return origins;
}

function rootFieldKinds(table: TrackedTable, root: Root): readonly RootFieldKind[] {
  const byKey = <K extends RootFieldKind>(kind: K): readonly K[] => (table.primaryKey === null ? [] : [kind]);
  const { isInsertable, isUpdatable, isDeletable } = table.catalog;
  switch (root) {
    case 'query_root':
      return ['select', ...byKey('select_by_pk'), 'select_aggregate'];
    case 'subscription_root':
      return ['select', ...byKey('select_by_pk'), 'select_aggregate', 'select_stream'];
    case 'mutation_root':
      return [
        ...(isInsertable ? (['insert', 'insert_one'] as const) : []),
        ...(isUpdatable ? (['update', ...byKey('update_by_pk'), 'update_many'] as const) : []),
        ...(isDeletable ? (['delete', ...byKey('delete_by_pk')] as const) : []),
      ];
  }
}
