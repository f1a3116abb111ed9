/**
 * What the Relay schema has besides tables: the interface `Node`, global ids, and connections, which are lists in pages.
 * Source: spec/graphql-api.md 16.
 */
import type { QualifiedName } from '../catalog/index.ts';
import { textOf, type TrackedFunction, type TrackedRelationship, type TrackedTable } from '../model/index.ts';
import type { SchemaContext } from './context.ts';
import { describe, describeTable } from './descriptions.ts';
import { field, inputValue, interfaceType, lazyField, objectType } from './lazy-types.ts';
import { byName } from './members.ts';
import { listOfRequired, nullable, required } from './type-references.ts';
import { strictScalars } from './scalars.ts';
import { tableArguments } from './table-inputs.ts';
import { tableObject } from './table-object.ts';
import type { NodeIdentity, NodeTable, NodeTables, PageInfoPart, SelectAccess } from './meanings.ts';
import type { Field, InputValue, InterfaceType, ObjectType } from './types.ts';

/** `node`; nothing where the role sees no table with a primary key. */
export function* relayNodeField(context: SchemaContext, root: 'query' | 'subscription'): Iterable<Field> {
  if (nodeIndex(context).size === 0) return;
  yield field(
    'node',
    'An object with globally unique ID',
    nullable(nodeInterface(context)),
    { kind: 'node', tables: nodeTables(context, root) },
    byName([inputValue('id', 'A globally unique id', required(strictScalars.ID), { kind: 'node-id' })]),
  );
}

/** `t_connection`. */
export function* connectionField(
  context: SchemaContext,
  table: TrackedTable,
  root: 'query' | 'subscription',
): Iterable<Field> {
  const access = context.selectAccess(table);
  if (access === null || table.graphqlName === null || !isNode(table)) return;
  if (!shownRoots(access, root).has('select')) return;
  const { comment } = table.rootFields.select;
  yield lazyField(
    context.namingOf(table).rootFieldName(table.graphqlName, 'connection'),
    describe(comment, `fetch data from the table: ${describeTable(table)}`),
    { kind: 'connection', access },
    () => required(connectionType(context, access)),
    () => connectionArguments(context, access),
  );
}

/** `f_connection`, of functions that return rows of tables with a primary key. */
export function* functionConnectionField(
  context: SchemaContext,
  fn: TrackedFunction,
  access: SelectAccess,
  inputs: readonly InputValue[],
): Iterable<Field> {
  if (!isNode(access.table) || !fn.catalog.returnsSet) return;
  yield field(
    context.namingOf(access.table).rootFieldName(fn.graphqlName, 'connection'),
    describe(fn.comment, `execute function ${describeTable(fn)} which returns ${describeTable(fn.returns)}`),
    required(connectionType(context, access)),
    { kind: 'function-connection', fn, access },
    byName([...inputs, ...connectionArguments(context, access).values()]),
  );
}

/** `r_connection`, beside the list of an array relationship. */
export function* relationshipConnectionField(
  context: SchemaContext,
  relationship: TrackedRelationship,
  access: SelectAccess,
): Iterable<Field> {
  if (!isNode(access.table)) return;
  yield field(
    context.namingOf(access.table).fieldName({ custom: relationship.name }, 'connection'),
    'An array relationship connection',
    required(connectionType(context, access)),
    { kind: 'relationship-connection', relationship, access },
    connectionArguments(context, access),
  );
}

/** Whether rows of the table have global ids: it needs a primary key. */
export function isNode(table: TrackedTable): boolean {
  return table.primaryKey !== null && table.primaryKey.length > 0;
}

/** The field `id` of a node. */
export function nodeIdField(context: SchemaContext, access: SelectAccess): Field {
  const identity = identityOf(context, access.table);
  return field('id', null, required(strictScalars.ID), { kind: 'node-id', access, identity });
}

export function nodeInterface(context: SchemaContext): InterfaceType {
  return context.shared('Node', () =>
    interfaceType(
      'Node',
      'An object with globally unique ID',
      () => [
        field('id', 'A globally unique identifier', required(strictScalars.ID), { kind: 'interface-field' }),
      ],
      () => [...nodeIndex(context).values()].flat().map((access) => tableObject(context, access)),
    ),
  );
}

/** By JSON of schema and name; of tables of one name in several sources all, in the order of the sources. */
type NodeIndex = ReadonlyMap<string, readonly SelectAccess[]>;

function nodeIndex(context: SchemaContext): NodeIndex {
  return context.once(nodeIndex, 'by-name', () => {
    const index = new Map<string, SelectAccess[]>();
    for (const source of context.model.sources.values()) {
      for (const table of source.tables.values()) {
        const access = isNode(table) ? context.selectAccess(table) : null;
        if (access === null) continue;
        const key = indexKey(table);
        const known = index.get(key);
        if (known === undefined) index.set(key, [access]);
        else known.push(access);
      }
    }
    return index;
  });
}

function indexKey({ schema, name }: QualifiedName): string {
  return JSON.stringify([schema, name]);
}

function nodeTables(context: SchemaContext, root: 'query' | 'subscription'): NodeTables {
  return {
    find(source, name): NodeTable | null {
      const named = nodeIndex(context).get(indexKey(name)) ?? [];
      const access = named.find(({ table }) => source === null || table.source === source);
      if (access === undefined) return null;
      // a role that may not begin at the table does not get there by ids either
      const shown = shownRoots(access, root);
      if (!shown.has('select') && !shown.has('select_by_pk')) return null;
      return { access, type: tableObject(context, access), key: access.table.primaryKey ?? [] };
    },
  };
}

function shownRoots({ rule }: SelectAccess, root: 'query' | 'subscription') {
  return root === 'query' ? rule.queryRootFields : rule.subscriptionRootFields;
}

/** The first form, unless a table of the same name in another source comes first. */
function identityOf(context: SchemaContext, table: TrackedTable): NodeIdentity {
  const { source, schema, name } = table;
  const [first] = nodeIndex(context).get(indexKey(table)) ?? [];
  return first?.table === table ? { version: 1, schema, name } : { version: 2, source, schema, name };
}

function connectionType(context: SchemaContext, access: SelectAccess): ObjectType {
  const { table } = access;
  return context.ofTable(table, 'connection', () =>
    objectType(
      relayTypeName(context, table, 'connection'),
      `A Relay connection object on ${describeTable(table)}`,
      () => [
        field('edges', null, required(listOfRequired(edgeType(context, access))), { kind: 'edges' }),
        field('pageInfo', null, required(pageInfoType), { kind: 'page-info' }),
      ],
    ),
  );
}

function edgeType(context: SchemaContext, access: SelectAccess): ObjectType {
  return context.ofTable(access.table, 'edge', () =>
    objectType(relayTypeName(context, access.table, 'edge'), null, () => [
      field('cursor', null, required(strictScalars.String), { kind: 'edge-cursor' }),
      field('node', null, required(tableObject(context, access)), { kind: 'edge-node', access }),
    ]),
  );
}

const pageInfoType: ObjectType = objectType('PageInfo', null, () => [
  pageInfoField('endCursor'),
  pageInfoField('hasNextPage'),
  pageInfoField('hasPreviousPage'),
  pageInfoField('startCursor'),
]);

function pageInfoField(part: PageInfoPart): Field {
  const isFlag = part === 'hasNextPage' || part === 'hasPreviousPage';
  const type = required(isFlag ? strictScalars.Boolean : strictScalars.String);
  return field(part, null, type, { kind: 'page-info-part', part });
}

/** `articleConnection`: without an underscore in either convention. */
function relayTypeName(context: SchemaContext, table: TrackedTable, what: 'connection' | 'edge'): string {
  const naming = context.namingOf(table);
  if (naming.convention === 'graphql-default') return context.typeName(table, what);
  const suffix = what === 'connection' ? 'Connection' : 'Edge';
  return naming.typeName({ custom: `${textOf(table.graphqlName ?? table.name)}${suffix}` });
}

/** Those of tables, with pages instead of `limit` and `offset`. */
function connectionArguments(context: SchemaContext, access: SelectAccess): ReadonlyMap<string, InputValue> {
  return context.ofTable(access.table, 'connection-arguments', () => {
    const text = nullable(strictScalars.String);
    const count = nullable(strictScalars.Int);
    const others = [...tableArguments(context, access).values()].filter(
      ({ meaning }) => meaning.kind !== 'limit' && meaning.kind !== 'offset',
    );
    return byName([
      inputValue('after', null, text, { kind: 'after' }),
      inputValue('before', null, text, { kind: 'before' }),
      inputValue('first', null, count, { kind: 'first' }),
      inputValue('last', null, count, { kind: 'last' }),
      ...others,
    ]);
  });
}
