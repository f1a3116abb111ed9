import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeCatalog, readName } from '../../test/support/catalog-fixture.ts';
import { type Catalog, type EnumValues, qualifiedKey } from '../catalog/index.ts';
import type {
  ComputedFieldMetadata,
  LogicalModelMetadata,
  Metadata,
  NativeQueryMetadata,
  RelationshipMetadata,
  SourceMetadata,
  TableMetadata,
} from '../metadata/index.ts';
import type { JsonObject } from '../support/index.ts';
import { buildModel } from './build-model.ts';
import { findRootFieldConflict } from './root-field-conflicts.ts';
import type { Model, TrackedTable } from './types.ts';

/**
 * Whatever changes one after the other, a model built from the one before is what it would be without, and nothing in it is of a model before. Each
 * rule is looked at as a whole: what it says, and that the very columns, tables and computed fields that it says it of are those of this model.
 */
test('a model built after others is the one that is built from nothing', () => {
  fc.assert(
    fc.property(start, fc.array(step, { minLength: 1, maxLength: 8 }), (before, steps) => {
      let world = before;
      let model = build(world, null);
      let described = printModel(model);
      for (const { apply, isRefused } of steps) {
        const next = apply(world);
        const earlier = { model, described };
        const built = build(next, earlier.model);
        const fresh = build(next, null);
        expect(printModel(built)).toBe(printModel(fresh));
        expect(conflictIn(built, next, earlier.model)).toBe(conflictIn(fresh, next, null));
        expectOneOfEach(built);
        // a model that is not put in force leaves no trace in those that are built from the same one after it
        if (!isRefused) {
          world = next;
          model = built;
          described = printModel(built);
        }
        // requests in flight still have it
        expect(printModel(earlier.model)).toBe(earlier.described);
        expectOneOfEach(earlier.model);
      }
    }),
    { numRuns: 500 },
  );
}, 60_000);

test('a change of native queries alone leaves tables and their rules the objects that they were', () => {
  const tables = names.map(
    (name): TableMetadata => ({ table: inSchema(name), select_permissions: [ofUser({})] }),
  );
  const before = build(worldOf(tables), null);
  const queries = { logical_models: [logicalModel('shape', 'id')], native_queries: [nativeQuery('q', {})] };
  const after = build(worldOf(tables, queries), before);
  expect([...(after.sources.get('default')?.nativeQueries.keys() ?? [])]).toEqual(['q']);
  for (const name of names) {
    expect(tableOf(after, name)).toBe(tableOf(before, name));
    expect(after.rulesOf('user', tableOf(after, name))).toBe(before.rulesOf('user', tableOf(before, name)));
  }
});

// ---- the databases ---------------------------------------------------------------------------------------------------------------

const names = ['author', 'article', 'tag', 'mood'];
const columns = {
  author: 'id int4!, name text',
  article: 'id int4!, author_id int4, mood text',
  tag: 'id int4!, name text',
  mood: 'value text!, note text',
};
const functions = {
  author_label: { arguments: 'author_row author', returns: 'text' },
  author_written: { arguments: 'author_row author', returns: 'setof article' },
  article_label: { arguments: 'article_row article', returns: 'text' },
  article_same: { arguments: 'article_row article, other int4 default', returns: 'setof article' },
  search: { arguments: 'words text', returns: 'setof article' },
};
const wide = makeCatalog({
  tables: {
    author: { columns: columns.author },
    article: {
      columns: columns.article,
      foreignKeys: { author_id: 'author.id', mood: 'mood.value' },
    },
    tag: { columns: columns.tag },
    mood: { columns: columns.mood },
  },
  functions,
});
const narrow = makeCatalog({
  tables: {
    author: { columns: 'id int4!' },
    article: { columns: columns.article },
    tag: { columns: columns.tag },
    mood: { columns: columns.mood },
  },
  functions: { author_label: functions.author_label },
});

interface World {
  readonly metadata: Metadata;
  readonly catalog: Catalog;
  readonly moods: readonly string[];
}

type Change = (world: World) => World;

// ---- the changes -----------------------------------------------------------------------------------------------------------------

const inSource =
  (edit: (source: SourceMetadata) => Partial<SourceMetadata>): Change =>
  (world) => ({
    ...world,
    metadata: {
      ...world.metadata,
      sources: world.metadata.sources.map((source) => ({ ...source, ...edit(source) })),
    },
  });

const inTable = (name: string, edit: (table: TableMetadata) => Partial<TableMetadata>): Change =>
  inSource(({ tables }) => ({
    tables: tables.map((table) => (table.table.name === name ? { ...table, ...edit(table) } : table)),
  }));

/** What stays in a list stays the object that it was, as with commands. */
function toggled<T>(list: readonly T[] | undefined, item: T): readonly T[] {
  return list?.includes(item) === true ? list.filter((each) => each !== item) : [...(list ?? []), item];
}

const anyTable = fc.constantFrom(...names);
const manual = (name: string, key: string): RelationshipMetadata => ({
  name: 'other',
  using: { manual_configuration: { remote_table: inSchema(name), column_mapping: { [key]: 'id' } } },
});
const relationships: readonly RelationshipMetadata[] = [
  { name: 'author', using: { foreign_key_constraint_on: 'author_id' } },
  manual('author', 'id'),
  manual('article', 'id'),
  manual('tag', 'id'),
  manual('author', 'author_id'),
  ...['q', 'r'].map((name) => ({
    name: 'rows',
    using: { manual_configuration: { remote_native_query: name, column_mapping: { id: 'id' } } },
  })),
];
const arrays: readonly RelationshipMetadata[] = [
  {
    name: 'articles',
    using: { foreign_key_constraint_on: { table: inSchema('article'), column: 'author_id' } },
  },
  { ...manual('tag', 'id'), name: 'others' },
];
const computed: readonly ComputedFieldMetadata[] = [
  { name: 'label', definition: { function: inSchema('author_label') } },
  { name: 'label', definition: { function: inSchema('article_label') } },
  { name: 'label', definition: { function: inSchema('author_label') }, comment: 'what it is called' },
  { name: 'written', definition: { function: inSchema('author_written') } },
  { name: 'same', definition: { function: inSchema('article_same') } },
];
const remotes = ['author', 'tag'].map((table) => ({
  name: 'elsewhere',
  definition: {
    to_source: {
      source: 'default',
      table: { schema: 'public', name: table },
      relationship_type: 'object',
      field_mapping: { id: 'id' },
    },
  },
}));
const filters: readonly JsonObject[] = [
  {},
  { id: 1 },
  { name: 'x' },
  { mood: 'glad' },
  { author: { name: 'x' } },
  { author: { articles: { id: 1 } } },
  { author: { articles: { mood: 'glad' } } },
  { other: { id: 2 } },
  { other: { other: { id: 2 } } },
  { author: { other: { id: 2 } } },
  { author: { articles: { label: 'x' } } },
  { other: { articles: { id: 1 } } },
  { other: { other: { label: 'x' } } },
  { other: { label: 'x' } },
  { articles: { author: { id: { _ceq: ['$', 'id'] } } } },
  { others: { id: 1 } },
  { label: { _like: 'x' } },
  { author: { label: 'x' } },
  { author: { written: { other: { id: 1 } } } },
  { written: { mood: 'glad' } },
  { _exists: { _table: { schema: 'public', name: 'tag' }, _where: { other: { id: 1 } } } },
  { _not: { _exists: { _table: { schema: 'public', name: 'mood' }, _where: { note: 'x' } } } },
  { nope: 3 },
];
const anyFilter = fc.constantFrom(...filters);
const kinds = ['select', 'insert', 'update', 'delete'] as const;

function permissionOf(kind: (typeof kinds)[number], role: string, filter: JsonObject) {
  const more =
    kind === 'select'
      ? { columns: '*', filter }
      : kind === 'insert'
        ? { columns: '*', check: filter }
        : kind === 'update'
          ? { columns: ['id'], filter, check: null }
          : { filter };
  return { role, permission: more };
}

/** All that refers to something else is likely to find it, and there are rules that look at tables two steps away and at those that they only name. */
function startOf(given: {
  readonly filter: JsonObject;
  readonly there: number;
  readonly further: number;
  readonly field: number;
}): World {
  const reader = (filter: JsonObject) => [
    { role: 'user', permission: { columns: '*' as const, filter } },
    { role: 'other', permission: { columns: '*' as const, filter: {} } },
  ];
  const at = <T>(list: readonly T[], index: number) => list.slice(index, index + 1);
  const [toAuthor] = relationships;
  return worldOf(
    [
      {
        table: inSchema('author'),
        array_relationships: arrays.slice(0, 1),
        object_relationships: at(relationships, given.further),
        computed_fields: at(computed, given.field),
      },
      {
        table: inSchema('article'),
        object_relationships: toAuthor === undefined ? [] : [toAuthor],
        select_permissions: reader(given.filter),
      },
      {
        table: inSchema('tag'),
        object_relationships: at(relationships, given.there),
        update_permissions: [
          { role: 'other', permission: { columns: ['id'], filter: given.filter, check: null } },
        ],
        select_permissions: reader({ _exists: { _table: inSchema('author'), _where: given.filter } }),
      },
      { table: inSchema('mood') },
    ],
    {
      logical_models: [logicalModel('shape', 'id')],
      native_queries: [nativeQuery('q', {}), nativeQuery('r', {})],
    },
  );
}

const start: fc.Arbitrary<World> = fc
  .record({
    filter: anyFilter,
    there: fc.nat({ max: 4 }),
    further: fc.nat({ max: 4 }),
    field: fc.nat({ max: 4 }),
  })
  .map(startOf);

const change: fc.Arbitrary<Change> = fc.oneof(
  // tracked, or untracked
  anyTable.map((name) =>
    inSource(({ tables }) => ({
      tables: tables.some(({ table }) => table.name === name)
        ? tables.filter(({ table }) => table.name !== name)
        : [...tables, { table: inSchema(name) }],
    })),
  ),
  {
    weight: 4,
    arbitrary: fc
      .tuple(anyTable, fc.constantFrom(...kinds), fc.constantFrom('user', 'other'), anyFilter)
      .map(([name, kind, role, filter]) =>
        inTable(name, (table) => {
          const key = `${kind}_permissions` as const;
          const others = (table[key] ?? []).filter((each) => each.role !== role);
          return { [key]: [...others, permissionOf(kind, role, filter)] };
        }),
      ),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(anyTable, fc.constantFrom(...relationships))
      .map(([name, item]) =>
        inTable(name, (table) => ({ object_relationships: toggled(table.object_relationships, item) })),
      ),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(anyTable, fc.constantFrom(...arrays))
      .map(([name, item]) =>
        inTable(name, (table) => ({ array_relationships: toggled(table.array_relationships, item) })),
      ),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(anyTable, fc.constantFrom(...computed))
      .map(([name, item]) =>
        inTable(name, (table) => ({ computed_fields: toggled(table.computed_fields, item) })),
      ),
  },
  fc
    .tuple(anyTable, fc.constantFrom(...remotes))
    .map(([name, item]) =>
      inTable(name, (table) => ({ remote_relationships: toggled(table.remote_relationships, item) })),
    ),
  // a relationship renamed
  anyTable.map((name) =>
    inTable(name, ({ object_relationships: declared = [] }) => ({
      object_relationships: declared.map((each) => ({
        ...each,
        name: each.name === 'other' ? 'author' : 'other',
      })),
    })),
  ),
  fc
    .tuple(
      anyTable,
      fc.constantFrom(
        {},
        { custom_name: 'renamed' },
        { column_config: { id: { custom_name: 'key' } } },
        { column_config: { id: { custom_name: 'other' } } },
        { column_config: { nope: { custom_name: 'key' } } },
      ),
    )
    .map(([name, configuration]) => inTable(name, () => ({ configuration }))),
  fc.boolean().map((isEnum) => inTable('mood', () => ({ is_enum: isEnum }))),
  fc.constantFrom([], ['glad'], ['glad', 'sad']).map(
    (moods): Change =>
      (world) => ({ ...world, moods }),
  ),
  fc.constantFrom([], [{ role: 'user' }]).map((permissions) =>
    inSource(({ functions: declared = [] }) => ({
      functions: declared.length > 1 ? [] : [{ function: inSchema('search'), permissions }],
    })),
  ),
  fc
    .subarray(['id', 'name'], { minLength: 1 })
    .map((fields) =>
      inSource(() => ({ logical_models: fields.map((field) => logicalModel('shape', field)).slice(0, 1) })),
    ),
  fc.constant(inSource(() => ({ logical_models: [] }))),
  fc
    .subarray(['q', 'r'])
    .chain((queries) =>
      fc.subarray([...relationships].slice(1), { maxLength: 1 }).map((declared) => ({ queries, declared })),
    )
    .map(({ queries, declared }) =>
      inSource(() => ({
        native_queries: queries.map((name) =>
          nativeQuery(name, name === 'q' ? { object_relationships: declared } : {}),
        ),
      })),
    ),
  fc.constantFrom([], [{ role_name: 'heir', role_set: ['user', 'other'] }]).map(
    (inherited): Change =>
      (world) => ({ ...world, metadata: { ...world.metadata, inherited_roles: inherited } }),
  ),
  fc.constantFrom(wide, narrow).map(
    (catalog): Change =>
      (world) => ({ ...world, catalog }),
  ),
  // the same, all of it read anew
  fc.constant<Change>((world) => ({ ...world, metadata: structuredClone(world.metadata) })),
  // the database read again, and nothing new found
  fc.constant<Change>((world) => ({ ...world, catalog: { ...world.catalog } })),
  // another order
  fc.constant(inSource(({ tables }) => ({ tables: tables.toReversed() }))),
);

const step = fc.record({ apply: change, isRefused: fc.boolean() });

function inSchema(name: string) {
  return { schema: 'public', name };
}

function ofUser(filter: object) {
  return { role: 'user', permission: { columns: ['id'], filter: filter as Record<string, never> } };
}

function logicalModel(name: string, field: string): LogicalModelMetadata {
  return {
    name,
    fields: [
      { name: 'id', type: { scalar: 'integer' } },
      { name: `also_${field}`, type: { scalar: 'integer' } },
    ],
    select_permissions: [ofUser({ id: 1 })],
  };
}

function nativeQuery(name: string, more: Partial<NativeQueryMetadata>): NativeQueryMetadata {
  return { root_field_name: name, code: 'select 1 as id', returns: 'shape', arguments: {}, ...more };
}

function worldOf(tables: readonly TableMetadata[], more: Partial<SourceMetadata> = {}): World {
  const configuration = { connection_info: { database_url: 'postgres://here' } };
  return {
    metadata: {
      version: 3,
      sources: [{ name: 'default', kind: 'postgres', tables, configuration, ...more }],
    },
    catalog: wide,
    moods: ['glad'],
  };
}

function build({ metadata, catalog, moods }: World, previous: Model | null): Model {
  const options = {
    inferFunctionPermissions: false,
    experimentalFeatures: new Set<string>(),
    defaultNamingConvention: 'hasura-default' as const,
  };
  const values = moods.map((value) => ({ value, comment: null }));
  const content: EnumValues = { kind: 'values', values };
  const enumValues = new Map([['default', new Map([[qualifiedKey(inSchema('mood')), content]])]]);
  return buildModel({ metadata, catalogs: new Map([['default', catalog]]), enumValues, options }, previous);
}

// ---- what is compared ------------------------------------------------------------------------------------------------------------

function conflictIn(model: Model, { metadata }: World, previous: Model | null): string | undefined {
  return findRootFieldConflict(model, metadata, previous)?.message;
}

function tableOf(model: Model, name: string): TrackedTable {
  return model.tableAt({ source: 'default', ...readName(name) });
}

function rowsOf(model: Model): readonly TrackedTable[] {
  const { tables, nativeQueries } = model.sources.get('default') ?? {
    tables: new Map(),
    nativeQueries: new Map(),
  };
  return [
    ...tables.values(),
    ...[...nativeQueries.values()].flatMap(({ model: shape, row }) => [shape, row]),
  ];
}

function rolesOf(model: Model): readonly string[] {
  return ['admin', ...model.roles];
}

function printModel(model: Model): string {
  const source = model.sources.get('default');
  const described = {
    inconsistencies: model.inconsistencies,
    roles: [...model.roles],
    queries: [...(source?.nativeQueries.keys() ?? [])],
    functions: [...(source?.functions.values() ?? [])].map((fn) => [
      fn.name,
      fn.returns.name,
      rolesOf(model).filter((role) => model.mayCallFunction(role, fn)),
    ]),
    rows: rowsOf(model).map((table) => ({
      name: table.name,
      graphqlName: table.graphqlName,
      rootFields: plain(table.rootFields),
      enumValues: plain(table.enumValues),
      columns: plain(table.columns),
      relationships: plain(table.relationships),
      queryRelationships: [...table.queryRelationships.values()].map(({ name, kind, target, mapping }) => [
        name,
        kind,
        target.name,
        plain(mapping),
      ]),
      computedFields: plain(table.computedFields),
      remote: plain([...model.remoteRelationshipsOf(table).values()]),
      rules: rolesOf(model).map((role) => [role, plain(model.rulesOf(role, table))]),
    })),
  };
  return JSON.stringify(described, null, 1);
}

/** All of it as data; of tables and types that are led to the name. */
function plain(value: unknown): unknown {
  if (typeof value === 'function') return 'function';
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return [...value].map(([key, each]) => [key, plain(each)]);
  if (value instanceof Set) return [...value];
  if ('primaryKey' in value && 'name' in value) return `table ${String(value.name)}`;
  if ('sqlName' in value) return `type ${String(value.sqlName)}`;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
}

/** What leads somewhere leads to the very objects of this model, none of those before, however deep it stands in a rule. */
function expectOneOfEach(model: Model): void {
  const source = model.sources.get('default');
  const rows = rowsOf(model);
  const known = new Set<unknown>(
    rows.flatMap((table) => [...table.columns.values(), ...table.computedFields.values()]),
  );
  const columnMaps = new Set<unknown>(rows.map((table) => table.columns));
  const check = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if (value instanceof Map) for (const each of value.values()) check(each);
    else if (Array.isArray(value)) for (const each of value) check(each);
    else if ('primaryKey' in value && 'columns' in value) expect(columnMaps.has(value.columns)).toBe(true);
    else if ('isInsertable' in value || ('call' in value && 'returns' in value))
      expect(known.has(value)).toBe(true);
    else for (const each of Object.values(value)) check(each);
  };
  for (const table of rows) {
    for (const role of rolesOf(model)) check(model.rulesOf(role, table));
    for (const { target, mapping } of table.relationships.values()) {
      expect(Object.keys(target).sort()).toEqual(['name', 'schema', 'source']);
      expect(model.tableAt(target)).toBe(source?.tables.get(qualifiedKey(target)));
      check(mapping);
    }
    for (const { target, mapping } of table.queryRelationships.values()) {
      expect(source?.nativeQueries.get(target.name)).toBe(target);
      check(mapping);
    }
    for (const { returns } of table.computedFields.values()) {
      if (returns.kind === 'rows') expect(model.tableAt(returns.table)).toBeDefined();
    }
  }
  for (const { returns } of source?.functions.values() ?? []) {
    expect(source?.tables.get(qualifiedKey(returns))).toBe(returns);
  }
}
