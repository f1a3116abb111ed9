import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeCatalog } from '../../test/support/catalog-fixture.ts';
import { printExpression } from '../../test/support/print-expression.ts';
import { type Catalog, qualifiedKey } from '../catalog/index.ts';
import type {
  LogicalModelMetadata,
  Metadata,
  NativeQueryMetadata,
  RelationshipMetadata,
  SourceMetadata,
  TableMetadata,
} from '../metadata/index.ts';
import { buildModel } from './build-model.ts';
import type { Model, TrackedTable } from './types.ts';

/** Whatever changes one after the other, a model built from the one before is what it would be without. */
test('a model built after others is the one that is built from nothing', () => {
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 12 }), (changes) => {
      let [metadata, catalog] = [first, wide];
      let model = build(metadata, catalog, null);
      for (const apply of changes) {
        [metadata, catalog] = apply(metadata, catalog);
        model = build(metadata, catalog, model);
        expect(describeModel(model)).toEqual(describeModel(build(metadata, catalog, null)));
        expectOneOfEach(model);
      }
    }),
    { numRuns: 1000 },
  );
});

test('a change of native queries alone leaves tables and their rules the objects that they were', () => {
  const tables = names.map(
    (name): TableMetadata => ({ table: inSchema(name), select_permissions: [ofUser({})] }),
  );
  const before = build(metadataOf(tables), wide, null);
  const queries = { logical_models: [logicalModel('shape', 'id')], native_queries: [nativeQuery('q', {})] };
  const after = build(metadataOf(tables, queries), wide, before);
  expect([...(after.sources.get('default')?.nativeQueries.keys() ?? [])]).toEqual(['q']);
  for (const name of names) {
    expect(tableOf(after, name)).toBe(tableOf(before, name));
    expect(after.rulesOf('user', tableOf(after, name))).toBe(before.rulesOf('user', tableOf(before, name)));
  }
});

const names = ['author', 'article', 'tag'];
const columns = {
  author: 'id int4!, name text',
  article: 'id int4!, author_id int4',
  tag: 'id int4!, name text',
};
const wide = makeCatalog({
  tables: {
    author: { columns: columns.author },
    article: { columns: columns.article, foreignKeys: { author_id: 'author.id' } },
    tag: { columns: columns.tag },
  },
});
const narrow = makeCatalog({
  tables: {
    author: { columns: 'id int4!' },
    article: { columns: columns.article },
    tag: { columns: columns.tag },
  },
});

/** All that refers to something else is likely to find it. */
const first = metadataOf(
  names.map((name) => ({ table: inSchema(name) })),
  {
    logical_models: [logicalModel('shape', 'id')],
    native_queries: [nativeQuery('q', {}), nativeQuery('r', {})],
  },
);

type Change = (metadata: Metadata, catalog: Catalog) => [Metadata, Catalog];

const inSource =
  (edit: (source: SourceMetadata) => Partial<SourceMetadata>): Change =>
  (metadata, catalog) => [
    { ...metadata, sources: metadata.sources.map((source) => ({ ...source, ...edit(source) })) },
    catalog,
  ];

const inTable = (name: string, edit: Partial<TableMetadata>): Change =>
  inSource(({ tables }) => ({
    tables: tables.map((table) => (table.table.name === name ? { ...table, ...edit } : table)),
  }));

const anyTable = fc.constantFrom(...names);

const relationship: fc.Arbitrary<readonly RelationshipMetadata[]> = fc.oneof(
  fc.constant([]),
  fc.constant([{ name: 'author', using: { foreign_key_constraint_on: 'author_id' } }]),
  anyTable.map((name) => [
    {
      name: 'other',
      using: { manual_configuration: { remote_table: inSchema(name), column_mapping: { id: 'id' } } },
    },
  ]),
  fc.constantFrom('q', 'r').map((name) => [
    {
      name: 'rows',
      using: { manual_configuration: { remote_native_query: name, column_mapping: { id: 'id' } } },
    },
  ]),
);

const change: fc.Arbitrary<Change> = fc.oneof(
  // tracked, or untracked
  anyTable.map((name) =>
    inSource(({ tables }) => ({
      tables: tables.some(({ table }) => table.name === name)
        ? tables.filter(({ table }) => table.name !== name)
        : [...tables, { table: inSchema(name) }],
    })),
  ),
  fc
    .tuple(anyTable, fc.constantFrom({}, { id: 1 }, { other: { id: 2 } }, { nope: 3 }))
    .map(([name, filter]) => inTable(name, { select_permissions: [ofUser(filter)] })),
  fc
    .tuple(anyTable, relationship)
    .map(([name, declared]) => inTable(name, { object_relationships: declared })),
  fc
    .tuple(anyTable, fc.constantFrom({}, { custom_name: 'renamed' }))
    .map(([name, configuration]) => inTable(name, { configuration })),
  fc
    .subarray(['id', 'name'], { minLength: 1 })
    .map((fields) =>
      inSource(() => ({ logical_models: fields.map((field) => logicalModel('shape', field)).slice(0, 1) })),
    ),
  fc.constant(inSource(() => ({ logical_models: [] }))),
  fc
    .subarray(['q', 'r'])
    .chain((queries) => relationship.map((declared) => ({ queries, declared })))
    .map(({ queries, declared }) =>
      inSource(() => ({
        native_queries: queries.map((name) =>
          nativeQuery(name, name === 'q' ? { object_relationships: declared } : {}),
        ),
      })),
    ),
  fc.constantFrom([], [{ role_name: 'heir', role_set: ['user'] }]).map(
    (inherited): Change =>
      (metadata, catalog) => [{ ...metadata, inherited_roles: inherited }, catalog],
  ),
  fc.constantFrom(wide, narrow).map(
    (next): Change =>
      (metadata) => [metadata, next],
  ),
);

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

function metadataOf(tables: readonly TableMetadata[], more: Partial<SourceMetadata> = {}): Metadata {
  const configuration = { connection_info: { database_url: 'postgres://here' } };
  return { version: 3, sources: [{ name: 'default', kind: 'postgres', tables, configuration, ...more }] };
}

function build(metadata: Metadata, catalog: Catalog, previous: Model | null): Model {
  const options = {
    inferFunctionPermissions: true,
    experimentalFeatures: new Set<string>(),
    defaultNamingConvention: 'hasura-default' as const,
  };
  const catalogs = new Map([['default', catalog]]);
  return buildModel({ metadata, catalogs, enumValues: new Map(), options }, previous);
}

function tableOf(model: Model, name: string): TrackedTable {
  const found = model.sources.get('default')?.tables.get(qualifiedKey(inSchema(name)));
  if (found === undefined) throw new Error(`${name} is not tracked`);
  return found;
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

function describeModel(model: Model): unknown {
  return {
    inconsistencies: model.inconsistencies,
    queries: [...(model.sources.get('default')?.nativeQueries.keys() ?? [])],
    rows: rowsOf(model).map((table) => ({
      name: table.name,
      graphqlName: table.graphqlName,
      columns: [...table.columns.keys()],
      relationships: [...table.relationships.values()].map(({ name, target }) => [name, target.name]),
      queryRelationships: [...table.queryRelationships.values()].map(({ name, target }) => [
        name,
        target.name,
      ]),
      rules: [...model.roles].map((role) => {
        const { select } = model.rulesOf(role, table);
        return select && [role, [...select.columns.keys()], printExpression(select.rows.filter)];
      }),
    })),
  };
}

/** What leads somewhere leads to the very objects of this model, none of those before: rules are known by them. */
function expectOneOfEach(model: Model): void {
  const source = model.sources.get('default');
  for (const table of rowsOf(model)) {
    for (const { target } of table.relationships.values()) {
      expect(Object.keys(target).sort()).toEqual(['name', 'schema', 'source']);
      expect(model.tableAt(target)).toBe(source?.tables.get(qualifiedKey(target)));
    }
    for (const { target } of table.queryRelationships.values()) {
      expect(source?.nativeQueries.get(target.name)).toBe(target);
    }
  }
}
