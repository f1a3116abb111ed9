import type { QualifiedName } from '../../catalog/index.ts';
import { isJsonObject, type Json, type JsonObject } from '../../support/index.ts';
import { compareText, Place } from '../codec/index.ts';
import { permissionsOfModels } from '../edit.ts';
import { displayName, isSameName, qualifiedName } from '../names.ts';
import { type MetadataObjectId, objectKey, type PermissionOperation } from '../object-id.ts';
import { rulesOfPermission } from '../permission-rules.ts';
import type {
  ColumnSelection,
  EventTriggerMetadata,
  Metadata,
  PermissionMetadata,
  PermissionRules,
  SourceMetadata,
  TableMetadata,
} from '../types.ts';
import type { CatalogFacts } from './catalog-facts.ts';
import { isStaticValue, rewriteExpression } from './expression-names.ts';
import { type Relationships, relationshipsOf, resolveRelationship, tablesByKey } from './relationships.ts';

/** What an object of the metadata may need: other objects, or parts of the database. */
export type DependencyTarget =
  | MetadataObjectId
  | {
      readonly kind: 'column' | 'constraint';
      readonly source: string;
      readonly table: QualifiedName;
      readonly name: string;
    }
  /** A function of the database, tracked or not. */
  | { readonly kind: 'database-function'; readonly source: string; readonly function: QualifiedName };

export interface Dependency {
  readonly object: MetadataObjectId;
  readonly on: DependencyTarget;
  /** True: holds a value of the column's type, so that the type may not change. */
  readonly isTyped: boolean;
}

/** Objects that name the same, as permissions of several roles do, and what that is. */
interface Uses {
  /** Made when they are asked for: of hundreds of thousands hardly any are. */
  objects(): readonly MetadataObjectId[];
  readonly uses: readonly Use[];
}

type Use = Omit<Dependency, 'object'>;

/** What names what in the whole document. Source: spec/permissions.md 9.5, spec/metadata-api.md 4.4, 6. */
export function dependenciesOf(metadata: Metadata, catalog: CatalogFacts): Dependency[] {
  return usesIn(metadata, catalog).flatMap(({ objects, uses }) =>
    objects().flatMap((object) => uses.map((use) => ({ object, ...use }))),
  );
}

function usesIn(metadata: Metadata, catalog: CatalogFacts): Uses[] {
  const found: Uses[] = [];
  for (const source of metadata.sources) collectSource(source, catalog, found);
  for (const schema of metadata.remote_schemas ?? []) {
    for (const { type_name: type, relationships } of schema.remote_relationships ?? []) {
      for (const { name, definition } of relationships) {
        const object: MetadataObjectId = {
          kind: 'other',
          type: remoteTypeRelationship,
          name: `${schema.name}.${type}.${name}`,
        };
        for (const on of targetsOfRemoteRelationship(definition)) found.push(names(object, on));
      }
    }
  }
  collectCustomTypes(metadata, found);
  return found;
}

/** Objects of actions lead to tables of any source. */
function collectCustomTypes({ custom_types: types }: Metadata, found: Uses[]): void {
  for (const { name: type, relationships = [] } of types?.objects ?? []) {
    for (const { name, source = 'default', remote_table: table, field_mapping: mapping } of relationships) {
      const object: MetadataObjectId = {
        kind: 'other',
        type: 'custom_type_relationship',
        name: `${type}.${name}`,
      };
      found.push(names(object, { kind: 'table', source, table }));
      for (const column of Object.values(mapping)) {
        found.push(names(object, { kind: 'column', source, table, name: column }));
      }
    }
  }
}

function names(object: MetadataObjectId, on: DependencyTarget): Uses {
  return { objects: () => [object], uses: [{ on, isTyped: false }] };
}

/**
 * The objects that could not stay without `dropped`, those aside that go with it because they are part of it. Sorted as error texts list them.
 */
export function dependentsOf(
  dropped: readonly DependencyTarget[],
  metadata: Metadata,
  catalog: CatalogFacts,
): MetadataObjectId[] {
  return dependentsAmong(usesIn(metadata, catalog), dropped, matcherOf(dropped));
}

/** What `dropped` takes with it, however long the chain; without `dropped` itself. */
export function allDependentsOf(
  dropped: readonly DependencyTarget[],
  metadata: Metadata,
  catalog: CatalogFacts,
): MetadataObjectId[] {
  // looked up once: in a large document this is what takes long
  const all = usesIn(metadata, catalog);
  const found: MetadataObjectId[] = [];
  for (let latest: readonly DependencyTarget[] = dropped; ; ) {
    // what depends on earlier ones was found with them
    const more = dependentsAmong(all, latest, matcherOf([...dropped, ...found]));
    if (more.length === 0) return found;
    found.push(...more);
    latest = more;
  }
}

/** @param isGoing tells what is dropped already */
function dependentsAmong(
  all: readonly Uses[],
  dropped: readonly DependencyTarget[],
  isGoing: Matcher,
): MetadataObjectId[] {
  const dependents = new Map<string, MetadataObjectId>();
  const isDropped = matcherOf(dropped);
  for (const { objects, uses } of all) {
    if (!uses.some(({ on }) => isDropped(on))) continue;
    for (const object of objects()) {
      if (!isGoing(object)) dependents.set(objectKey(object), object);
    }
  }
  return [...dependents.values()].sort((first, second) => compareText(describe(first), describe(second)));
}

type Matcher = (inner: DependencyTarget) => boolean;

/** Tells whether something is one of the targets or a part of one; asked for each of many thousands of uses. */
function matcherOf(targets: readonly DependencyTarget[]): Matcher {
  const ofAnyKind: Matcher[] = [];
  const byKind = new Map<DependencyTarget['kind'], Matcher[]>();
  for (const target of targets) {
    const kinds = kindsOfParts(target.kind);
    if (kinds === 'any') ofAnyKind.push(partOf(target));
    for (const kind of kinds === 'any' ? [] : kinds) {
      const matchers = byKind.get(kind);
      if (matchers === undefined) byKind.set(kind, [partOf(target)]);
      else matchers.push(partOf(target));
    }
  }
  const isOneOf = (matchers: readonly Matcher[] | undefined, inner: DependencyTarget): boolean => {
    if (matchers === undefined) return false;
    for (const matches of matchers) if (matches(inner)) return true;
    return false;
  };
  return (inner) => isOneOf(ofAnyKind, inner) || isOneOf(byKind.get(inner.kind), inner);
}

/** Of what kinds the parts of something are, itself among them. */
function kindsOfParts(kind: DependencyTarget['kind']): 'any' | readonly DependencyTarget['kind'][] {
  switch (kind) {
    case 'source':
    case 'table':
      return 'any';
    case 'function':
      return ['function', 'function-permission'];
    case 'remote-schema':
      return ['remote-schema', 'remote-schema-permission'];
    default:
      return [kind];
  }
}

/** How error texts call an object. Source: spec/metadata-api.md 4.4. */
export function describe(id: DependencyTarget): string {
  switch (id.kind) {
    case 'source':
      return `source ${id.source}`;
    case 'table':
      return `table ${displayName(id.table)}${inSource(id)}`;
    case 'function':
    case 'database-function':
      return `function ${displayName(id.function)}${inSource(id)}`;
    case 'function-permission':
      return `function permission ${displayName(id.function)}.${id.role}${inSource(id)}`;
    case 'permission':
      return `permission ${displayName(id.table)}.${id.role}.${id.operation}${inSource(id)}`;
    case 'column':
    case 'constraint':
    case 'relationship':
    case 'computed-field':
    case 'remote-relationship':
    case 'event-trigger':
      return `${words[id.kind]} ${displayName(id.table)}.${id.name}${inSource(id)}`;
    case 'native-query':
    case 'logical-model':
      return `${words[id.kind]} ${id.name}${inSource(id)}`;
    case 'logical-model-permission': {
      const what = id.place === 'logical-model' ? 'logical model' : 'native query';
      return `permission ${id.role} on ${what} ${id.name}${inSource(id)}`;
    }
    case 'remote-schema':
      return `remote schema ${id.name}`;
    case 'remote-schema-permission':
      return `remote schema permission ${id.name}."${id.role}"`;
    case 'inherited-role':
      return `role ${id.role}`;
    case 'other':
      return id.type === remoteTypeRelationship ? describeOnRemoteType(id.name) : `${id.type} ${id.name}`;
  }
}

const remoteTypeRelationship = 'remote_schema_remote_relationship';

/** @param name `schema.Type.relationship`, where only the schema's name may have dots in it */
function describeOnRemoteType(name: string): string {
  const parts = name.split('.');
  const relationship = parts.pop();
  const type = parts.pop();
  return `remote_relationship ${relationship} on type ${type} in remote schema ${parts.join('.')}`;
}

const words = {
  column: 'column',
  constraint: 'constraint',
  relationship: 'relationship',
  'computed-field': 'computed field',
  'remote-relationship': 'remote relationship',
  'event-trigger': 'event-trigger',
  'native-query': 'native query',
  'logical-model': 'logical model',
} as const;

function inSource({ source }: { readonly source: string }): string {
  return ` in source "${source}"`;
}

/** Tells whether something is `outer` or a part of it. */
function partOf(outer: DependencyTarget): Matcher {
  switch (outer.kind) {
    case 'source':
      return (inner) => 'source' in inner && inner.source === outer.source;
    case 'table':
      return (inner) =>
        'table' in inner && isSameName(inner.table, outer.table) && inner.source === outer.source;
    case 'function':
      return (inner) =>
        (inner.kind === 'function' || inner.kind === 'function-permission') &&
        inner.source === outer.source &&
        isSameName(inner.function, outer.function);
    case 'column':
    case 'constraint':
    case 'relationship':
    case 'computed-field':
    case 'remote-relationship':
    case 'event-trigger':
      return (inner) =>
        inner.kind === outer.kind &&
        inner.name === outer.name &&
        inner.source === outer.source &&
        isSameName(inner.table, outer.table);
    case 'database-function':
      return (inner) =>
        inner.kind === outer.kind &&
        inner.source === outer.source &&
        isSameName(inner.function, outer.function);
    case 'remote-schema':
      return (inner) =>
        (inner.kind === 'remote-schema' || inner.kind === 'remote-schema-permission') &&
        inner.name === outer.name;
    default: {
      const key = objectKey(outer);
      return (inner) =>
        inner.kind === outer.kind &&
        // Of one kind with `outer`, hence an object of the metadata like it.
        objectKey(inner as MetadataObjectId) === key;
    }
  }
}

// ---- collection -------------------------------------------------------------------------------------------------------------------

function collectSource(source: SourceMetadata, catalog: CatalogFacts, found: Uses[]): void {
  const relationships = relationshipsOf(source, catalog);
  for (const table of source.tables) {
    for (const uses of usesOfTable(source, table, catalog)) found.push(uses);
  }
  for (const { function: fn } of source.functions ?? []) {
    const object: MetadataObjectId = { kind: 'function', source: source.name, function: fn };
    found.push(names(object, { kind: 'database-function', source: source.name, function: fn }));
    const table = catalog.tableOfFunction(source.name, fn);
    if (table !== null) {
      found.push(names(object, { kind: 'table', source: source.name, table }));
    }
  }
  for (const { place, name, permissions } of permissionsOfModels(source)) {
    for (const { role, permission } of permissions) {
      const object = { kind: 'logical-model-permission', source: source.name, place, name, role } as const;
      for (const rule of rulesOfPermission(permission)) {
        found.push({
          objects: () => [object],
          uses: usesOfPermission(rule, source.name, noTable, relationships),
        });
      }
    }
  }
  for (const query of source.native_queries ?? []) {
    const object: MetadataObjectId = {
      kind: 'native-query',
      source: source.name,
      name: query.root_field_name,
    };
    if (typeof query.returns === 'string') {
      found.push(names(object, { kind: 'logical-model', source: source.name, name: query.returns }));
    }
    for (const { using } of [...(query.object_relationships ?? []), ...(query.array_relationships ?? [])]) {
      if (!('manual_configuration' in using)) continue;
      const { remote_table: table, remote_native_query: name } = using.manual_configuration;
      if (table !== undefined) {
        found.push(names(object, { kind: 'table', source: source.name, table }));
      } else if (name !== undefined) {
        found.push(names(object, { kind: 'native-query', source: source.name, name }));
      }
    }
  }
}

/** What the columns of a logical model belong to: no table of a database is called so. */
const noTable: QualifiedName = { schema: '', name: '' };

/** What was found in a table, and how the tables were declared that were looked up on the way. */
interface KnownUses {
  readonly source: string;
  readonly lookedUp: ReadonlyMap<string, TableMetadata | undefined>;
  readonly uses: readonly Uses[];
}

/**
 * By the identity of the facts, then by declaration: searching a document of thousands of tables again, or after a change of one, is a matter of
 * milliseconds.
 */
const knownUses = new WeakMap<object, WeakMap<TableMetadata, KnownUses>>();

function usesOfTable(source: SourceMetadata, table: TableMetadata, catalog: CatalogFacts): readonly Uses[] {
  const facts = catalog.identityOf?.(source.name) ?? null;
  const kept = facts === null ? null : keptFor(facts);
  const known = kept?.get(table);
  if (known?.source === source.name && isDeclaredAlike(known.lookedUp, tablesByKey(source)))
    return known.uses;
  const lookedUp = new Map<string, TableMetadata | undefined>();
  const relationships = relationshipsOf(source, catalog, (key, declared) => lookedUp.set(key, declared));
  const uses: Uses[] = [];
  collectTable(source.name, table, relationships, catalog, uses);
  kept?.set(table, { source: source.name, lookedUp, uses });
  return uses;
}

function keptFor(facts: object): WeakMap<TableMetadata, KnownUses> {
  const known = knownUses.get(facts);
  if (known !== undefined) return known;
  const made = new WeakMap<TableMetadata, KnownUses>();
  knownUses.set(facts, made);
  return made;
}

function isDeclaredAlike(
  before: ReadonlyMap<string, TableMetadata | undefined>,
  now: ReadonlyMap<string, TableMetadata>,
): boolean {
  for (const [key, declared] of before) if (now.get(key) !== declared) return false;
  return true;
}

function collectTable(
  source: string,
  metadata: TableMetadata,
  relationships: Relationships,
  catalog: CatalogFacts,
  found: Uses[],
): void {
  const { table } = metadata;
  const add = (object: MetadataObjectId, on: DependencyTarget): void => void found.push(names(object, on));
  const column = (of: QualifiedName, name: string): DependencyTarget => ({
    kind: 'column',
    source,
    table: of,
    name,
  });

  for (const relationship of [
    ...(metadata.object_relationships ?? []),
    ...(metadata.array_relationships ?? []),
  ]) {
    const object: MetadataObjectId = { kind: 'relationship', source, table, name: relationship.name };
    const resolved = resolveRelationship(source, table, relationship, catalog);
    if (resolved.target !== null) add(object, { kind: 'table', source, table: resolved.target });
    if (resolved.nativeQuery !== null)
      add(object, { kind: 'native-query', source, name: resolved.nativeQuery });
    if (resolved.constraint !== null) add(object, { kind: 'constraint', source, ...resolved.constraint });
    for (const used of resolved.columns) add(object, column(used.table, used.column));
  }
  for (const { name, definition } of metadata.computed_fields ?? []) {
    const object: MetadataObjectId = { kind: 'computed-field', source, table, name };
    add(object, { kind: 'database-function', source, function: definition.function });
    const target = catalog.tableOfFunction(source, definition.function);
    if (target !== null) add(object, { kind: 'table', source, table: target });
  }
  for (const { name, definition } of metadata.remote_relationships ?? []) {
    const object: MetadataObjectId = { kind: 'remote-relationship', source, table, name };
    for (const on of targetsOfRemoteRelationship(definition)) add(object, on);
    for (const field of fieldsOfRemoteRelationship(definition)) {
      const isComputed = (metadata.computed_fields ?? []).some((computed) => computed.name === field);
      add(object, isComputed ? { kind: 'computed-field', source, table, name: field } : column(table, field));
    }
  }
  for (const trigger of metadata.event_triggers ?? []) {
    const object: MetadataObjectId = { kind: 'event-trigger', source, table, name: trigger.name };
    for (const name of columnsOfTrigger(trigger)) add(object, column(table, name));
  }
  for (const [permission, holders] of holdersOf(metadata)) {
    found.push({
      objects: () =>
        holders.map(({ operation, role }) => ({ kind: 'permission', source, table, role, operation })),
      uses: usesOfPermission(permission, source, table, relationships),
    });
  }
}

/** The permissions of a table that are not the same, with who has them for what. */
function holdersOf(
  table: TableMetadata,
): ReadonlyMap<AnyPermission, readonly { readonly operation: PermissionOperation; readonly role: string }[]> {
  const found = new Map<AnyPermission, { operation: PermissionOperation; role: string }[]>();
  for (const operation of operations) {
    const entries: readonly PermissionMetadata<PermissionRules<AnyPermission>>[] =
      table[`${operation}_permissions`] ?? [];
    for (const { role, permission } of entries) {
      for (const rule of rulesOfPermission(permission)) {
        const holders = found.get(rule);
        if (holders === undefined) found.set(rule, [{ operation, role }]);
        else holders.push({ operation, role });
      }
    }
  }
  return found;
}

function usesOfPermission(
  permission: AnyPermission,
  source: string,
  table: QualifiedName,
  relationships: Relationships,
): readonly Use[] {
  const uses: Use[] = [];
  const add = (on: DependencyTarget, isTyped = false): void => void uses.push({ on, isTyped });
  const column = (of: QualifiedName, name: string): DependencyTarget => ({
    kind: 'column',
    source,
    table: of,
    name,
  });
  for (const name of listed(permission.columns)) add(column(table, name));
  for (const name of permission.computed_fields ?? []) {
    add({ kind: 'computed-field', source, table, name });
  }
  for (const [name, value] of Object.entries(permission.set ?? {})) {
    add(column(table, name), isStaticValue(value));
  }
  for (const expression of [permission.filter, permission.check]) {
    if (expression === undefined || expression === null) continue;
    rewriteExpression(expression, table, relationships, {
      column(of, name, isStatic) {
        add(column(of, name), isStatic);
        return name;
      },
      relationship(of, name) {
        add({ kind: 'relationship', source, table: of, name });
        return name;
      },
      computedField(of, name) {
        add({ kind: 'computed-field', source, table: of, name });
        return name;
      },
      table(of) {
        add({ kind: 'table', source, table: of });
        return of;
      },
    });
  }
  return uses;
}

export interface AnyPermission {
  readonly columns?: ColumnSelection;
  readonly computed_fields?: readonly string[];
  readonly filter?: JsonObject;
  readonly check?: JsonObject | null;
  readonly set?: JsonObject;
}

const operations = ['insert', 'select', 'update', 'delete'] as const;

function columnsOfTrigger({ definition }: EventTriggerMetadata): string[] {
  return [definition.insert, definition.update, definition.delete].flatMap((operation) =>
    operation === undefined ? [] : [...listed(operation.columns), ...listed(operation.payload)],
  );
}

function listed(columns: ColumnSelection | undefined): readonly string[] {
  return columns === undefined || columns === '*' ? [] : columns;
}

/** The sources, tables, columns and remote schemas that a remote relationship leads to. */
function targetsOfRemoteRelationship(definition: JsonObject): DependencyTarget[] {
  const toSource = definition['to_source'];
  if (isJsonObject(toSource)) {
    const source = textOf(toSource['source']);
    const table = qualifiedName.decode(toSource['table'] ?? '', new Place());
    const mapping = isJsonObject(toSource['field_mapping']) ? toSource['field_mapping'] : {};
    return [
      { kind: 'table', source, table },
      ...Object.values(mapping).map(
        (name): DependencyTarget => ({ kind: 'column', source, table, name: textOf(name) }),
      ),
    ];
  }
  const toSchema = isJsonObject(definition['to_remote_schema']) ? definition['to_remote_schema'] : definition;
  return [{ kind: 'remote-schema', name: textOf(toSchema['remote_schema']) }];
}

/** The fields of its own table that a remote relationship joins on. */
export function fieldsOfRemoteRelationship(definition: JsonObject): string[] {
  const toSource = definition['to_source'];
  if (isJsonObject(toSource)) {
    return isJsonObject(toSource['field_mapping']) ? Object.keys(toSource['field_mapping']) : [];
  }
  const toSchema = definition['to_remote_schema'];
  const fields = isJsonObject(toSchema) ? toSchema['lhs_fields'] : definition['hasura_fields'];
  return Array.isArray(fields) ? fields.map(textOf) : [];
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
