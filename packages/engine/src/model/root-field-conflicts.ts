/**
 * Root fields that two objects define. Commands that would cause one are refused. Source: spec/metadata-api.md 4.3, spec/graphql-api.md 1.1.
 */
import type { Metadata } from '../metadata/index.ts';
import { describeName } from '../permissions/index.ts';
import { Path, RequestError } from '../support/index.ts';
import type { Model, RootFieldKind, TrackedTable } from './types.ts';

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
  const isSame = before?.length === named.length && before.every((part, index) => part === named[index]);
  const conflict = isSame ? null : findConflict(model, metadata);
  if (conflict === null) withoutConflict.set(model, named);
  return conflict;
}

/** By model: what its root fields come from. Equal parts are the same object or text. */
const withoutConflict = new WeakMap<Model, readonly unknown[]>();

/** Permissions are not among it. */
function whatHasRootFields(model: Model, { actions }: Metadata): readonly unknown[] {
  const ofSources = [...model.sources.values()].flatMap(
    ({ name, naming, tables, nativeQueries, functions }) => [
      name,
      naming,
      tables,
      nativeQueries,
      ...[...functions.values()].map((fn) =>
        JSON.stringify([fn.exposedAs, fn.rootFields, fn.schema, fn.name]),
      ),
    ],
  );
  return [actions, ...ofSources];
}

function findConflict(model: Model, metadata: Metadata): RequestError | null {
  // v2 builds them in this order and tells the first that it cannot build
  for (const root of ['mutation_root', 'subscription_root', 'query_root'] as const) {
    const conflicts = [...originsByField(model, metadata, root)].filter(([, origins]) => origins.length > 1);
    if (conflicts.length === 0) continue;
    return new RequestError('unexpected', Path.root.child('args'), describe(root, conflicts), {
      status: 500,
    });
  }
  return null;
}

type Root = 'mutation_root' | 'query_root' | 'subscription_root';

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

function originsByField(model: Model, metadata: Metadata, root: Root): ReadonlyMap<string, string[]> {
  const origins = new Map<string, string[]>();
  const add = (field: string, origin: string): void => {
    const known = origins.get(field);
    if (known === undefined) origins.set(field, [origin]);
    else if (!known.includes(origin)) known.push(origin);
  };
  if (root === 'query_root') for (const field of ['__schema', '__type']) add(field, 'introspection');
  add('__typename', 'introspection');
  for (const source of model.sources.values()) {
    // Fields of different namespaces do not meet.
    const within = source.naming.namespace === null ? '' : `${source.naming.namespace}.`;
    for (const table of source.tables.values()) {
      if (table.graphqlName === null) continue;
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
