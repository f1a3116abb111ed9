/**
 * Metadata and catalogues resolved against each other. What does not fit is left out and listed; nothing here fails because of one object.
 */
import { type Catalog, type EnumValues, qualifiedKey } from '../catalog/index.ts';
import type { InheritedRoleMetadata, Metadata, SourceMetadata } from '../metadata/index.ts';
import { describeName, type TableReference, type TableRules } from '../permissions/index.ts';
import { InvariantError, type Json } from '../support/index.ts';
import type { Environment } from '../webhooks/index.ts';
import { resolveActions } from './actions.ts';
import { type CustomTypes, noCustomTypes, resolveCustomTypes } from './custom-types.ts';
import { Dependents } from './dependents.ts';
import { buildFunctions } from './functions.ts';
import {
  inconsistentCustomTypes,
  inconsistentInheritedRole,
  inconsistentRemoteSchema,
  inconsistentSource,
} from './inconsistency.ts';
import { orderInheritedRoles } from './inherited-roles.ts';
import { buildModelRules } from './logical-models.ts';
import type { NativeQueryFaults } from './native-queries.ts';
import {
  buildRemoteRelationships,
  buildRemoteTypeRelationships,
  type RemoteRelationships,
  type RemoteTypeRelationships,
} from './remote-relationships.ts';
import { buildRemoteSchemas, type RemoteSchemaCandidate, type RemoteService } from './remote-schemas.ts';
import { declaredRoles } from './roles.ts';
import { adminRules, buildRuleSet, isRuleSetOf, noRules, type RuleSet } from './rules.ts';
import { buildStructure, declarationOf, type Structure, type StructureInput } from './structure.ts';
import type {
  Inconsistency,
  Model,
  Naming,
  RemoteSchema,
  RemoteSchemaAccess,
  Source,
  TrackedFunction,
  TrackedTable,
} from './types.ts';

/** A source whose database could not be read. */
export interface CatalogFailure {
  /** As the list of inconsistent objects shows it, e.g. `connection error`. */
  readonly error: string;
  readonly message?: Json;
}

export interface ModelInput {
  readonly metadata: Metadata;
  /** By source name; a source that is missing here counts as not connected. */
  readonly catalogs: ReadonlyMap<string, Catalog | CatalogFailure>;
  /** By source name and `qualifiedKey`: the content of the tables that `enumTablesOf` names. */
  readonly enumValues: ReadonlyMap<string, ReadonlyMap<string, EnumValues>>;
  /** By source name: what PostgreSQL says against native queries that fit otherwise. */
  readonly nativeQueryFaults?: ReadonlyMap<string, NativeQueryFaults>;
  readonly options: ModelOptions;
  /** By name; one that is missing here counts as not asked yet. */
  readonly remoteServices?: ReadonlyMap<string, RemoteService>;
  /** Finds which services do not fit beside the sources, the actions and the services before them. The model has no services yet. */
  readonly findRemoteConflicts?: (
    model: Model,
    candidates: readonly RemoteSchema[],
  ) => ReadonlyMap<string, RemoteConflict>;
  /** Finds what does not fit among the parts of the metadata that this folder does not know. */
  readonly check?: (model: Model) => readonly Inconsistency[];
}

/** Why a service is left out. */
export interface RemoteConflict {
  readonly reason: string;
  /** What it meets is another service. */
  readonly isBetweenServices: boolean;
}

export interface ModelOptions {
  /** Query functions need no permission of their own. */
  readonly inferFunctionPermissions: boolean;
  /** Other roles than the administrator need a permission to use a remote schema. */
  readonly remoteSchemaPermissions?: boolean;
  readonly experimentalFeatures: ReadonlySet<string>;
  readonly defaultNamingConvention: Naming['convention'];
  /** What handlers' URLs refer to; without it they are not looked at. */
  readonly environment?: Environment;
}

/**
 * @param previous the model before the change; what has not changed since is taken over from it
 * @throws RequestError `cyclic-dependency` when inherited roles form a circle
 */
export function buildModel(input: ModelInput, previous: Model | null = null): Model {
  const { metadata, options } = input;
  const inconsistencies: Inconsistency[] = [];
  const report = (inconsistency: Inconsistency): void => void inconsistencies.push(inconsistency);
  const roles = declaredRoles(metadata);
  const heirs = resolveInheritedRoles(metadata.inherited_roles ?? [], roles, report);
  const before = previous === null ? undefined : partsOf.get(previous);
  const parts = new Map<string, SourceParts>();
  const sources = new Map<string, Source>();
  /** Of what is no table: native queries and logical models. Tables have theirs in `parts`. */
  const rules = new Map<TrackedTable, Pick<RuleSet, 'byRole'>>();
  for (const source of metadata.sources) {
    const catalog = input.catalogs.get(source.name) ?? { error: 'connection error' };
    if ('error' in catalog) {
      report(inconsistentSource(source.name, catalog.error, catalog.message));
      continue;
    }
    const enumValues = input.enumValues.get(source.name) ?? new Map();
    const structureInput = {
      source,
      catalog,
      enumValues,
      convention: conventionOf(source, options),
      nativeQueryFaults: input.nativeQueryFaults?.get(source.name) ?? noFaults,
    };
    const part = buildParts(structureInput, heirs, options.environment ?? null, before?.get(source.name));
    parts.set(source.name, part);
    const { structure } = part;
    structure.inconsistencies.forEach(report);
    for (const table of structure.tables.values()) part.ruleSets.get(table)?.inconsistencies.forEach(report);
    const { name, naming, tables, nativeQueries, logicalModels } = structure;
    // of their own they have none: those of the model count, set after them because it may be the same object
    for (const { row } of nativeQueries.values()) rules.set(row, { byRole: new Map() });
    const inQueries = [...nativeQueries.values()].map(({ model }) => model);
    for (const model of new Set([...logicalModels.values(), ...inQueries])) {
      rules.set(model, { byRole: buildModelRules(structure, model, heirs, report) });
    }
    sources.set(name, {
      name,
      naming,
      tables,
      functions: buildFunctions({ ...structure, metadata: source, report }),
      nativeQueries,
    });
  }
  const rulesOf = (role: string, table: TrackedTable): TableRules => {
    const set = parts.get(table.source)?.ruleSets.get(table) ?? rules.get(table);
    // whoever comes with a table of another model has mixed the two up, and would go by rules for tables that may have changed
    if (set === undefined) throw new InvariantError(`table "${table.name}" is of another model`);
    return role === 'admin' ? adminRules(table) : (set.byRole.get(role)?.rules ?? noRules);
  };
  const permitted = resolveFunctionPermissions(sources, heirs, rulesOf);
  const customTypes = buildCustomTypes(input, sources, report);
  const actions = resolveActions(
    metadata.actions ?? [],
    { types: customTypes, inheritedRoles: heirs, environment: options.environment ?? null },
    report,
  );
  const usesRemotePermissions = options.remoteSchemaPermissions ?? false;
  const candidates = buildRemoteSchemas({
    declared: metadata.remote_schemas ?? [],
    services: input.remoteServices ?? new Map(),
    usesPermissions: usesRemotePermissions,
    heirs,
    report,
  });
  const remoteSchemas = new Map<string, RemoteSchema>();
  const accesses = new RemoteAccesses(remoteSchemas, candidates, usesRemotePermissions);
  // what leads to remote schemas is found when it is known which of them can be used
  let remoteRelationships: RemoteRelationships = new Map();
  let remoteTypeRelationships: RemoteTypeRelationships = new Map();
  const model: Model = {
    id: nextId++,
    remoteSchemas,
    remoteSchemasOf: (role) => accesses.of(role),
    sources,
    roles: new Set([...roles, ...heirs.map((role) => role.role_name)]),
    inconsistencies,
    tableAt: (reference) => tableAt(sources, reference),
    rulesOf,
    remoteRelationshipsOf: (table) => remoteRelationships.get(table) ?? noRemoteRelationships,
    remoteTypeRelationshipsOf: (schema, type) => remoteTypeRelationships.get(schema)?.get(type) ?? [],
    mayCallFunction: (role, fn) =>
      role === 'admin' ||
      (fn.exposedAs === 'query' && options.inferFunctionPermissions) ||
      (permitted.get(fn)?.has(role) ?? false),
    customTypes,
    actions,
    introspectionDisabledRoles: new Set(metadata.graphql_schema_introspection?.disabled_for_roles),
  };
  partsOf.set(model, parts);
  const conflicts = input.findRemoteConflicts?.(
    model,
    candidates.map(({ schema }) => schema),
  );
  for (const declared of metadata.remote_schemas ?? []) {
    const schema = candidates.find((candidate) => candidate.schema.name === declared.name)?.schema;
    if (schema === undefined) continue;
    const conflict = conflicts?.get(schema.name);
    if (conflict === undefined) remoteSchemas.set(schema.name, schema);
    else {
      report({
        ...inconsistentRemoteSchema(declared, conflict.reason),
        isConflict: conflict.isBetweenServices,
      });
    }
  }
  const systems = new Map([...remoteSchemas.values()].map(({ name, typeSystem }) => [name, typeSystem]));
  const targets = { sources, remoteSchemas: systems };
  remoteRelationships = buildRemoteRelationships(metadata, targets, report);
  remoteTypeRelationships = buildRemoteTypeRelationships(metadata, targets, report);
  input.check?.(model).forEach(report);
  return model;
}

function buildCustomTypes(
  { metadata, catalogs }: ModelInput,
  sources: ReadonlyMap<string, Source>,
  report: (inconsistency: Inconsistency) => void,
): CustomTypes {
  const read = metadata.sources.flatMap(({ name }) => {
    const catalog = catalogs.get(name);
    return catalog === undefined || 'error' in catalog ? [] : [catalog];
  });
  const declared = metadata.custom_types;
  if (declared === undefined) return noCustomTypes({ catalogs: read });
  const resolved = resolveCustomTypes(declared, { sources, catalogs: read });
  if (typeof resolved !== 'string') return resolved;
  report(inconsistentCustomTypes(declared, resolved));
  return noCustomTypes({ catalogs: read });
}

const noFaults: NativeQueryFaults = new Map();
const noRemoteRelationships: ReadonlyMap<string, never> = new Map<string, never>();

/** What each role may use of the services. */
class RemoteAccesses {
  readonly #schemas: ReadonlyMap<string, RemoteSchema>;
  readonly #candidates: readonly RemoteSchemaCandidate[];
  readonly #usesPermissions: boolean;

  constructor(
    schemas: ReadonlyMap<string, RemoteSchema>,
    candidates: readonly RemoteSchemaCandidate[],
    usesPermissions: boolean,
  ) {
    this.#schemas = schemas;
    this.#candidates = candidates;
    this.#usesPermissions = usesPermissions;
  }

  of(role: string): readonly RemoteSchemaAccess[] {
    const isUnrestricted = role === 'admin' || !this.#usesPermissions;
    return this.#candidates.flatMap(({ schema, byRole }) => {
      if (!this.#schemas.has(schema.name)) return [];
      const typeSystem = isUnrestricted ? schema.typeSystem : byRole.get(role);
      return typeSystem === undefined ? [] : [{ schema, typeSystem }];
    });
  }
}

function tableAt(sources: ReadonlyMap<string, Source>, reference: TableReference): TrackedTable {
  const table = sources.get(reference.source)?.tables.get(qualifiedKey(reference));
  if (table === undefined) throw new InvariantError(`no table ${describeName(reference)} in the model`);
  return table;
}

/** What the next model may take over. */
interface SourceParts {
  readonly structure: Structure;
  readonly heirs: readonly InheritedRoleMetadata[];
  readonly ruleSets: RuleSets;
  /** Tables by what their rules look up. */
  readonly dependents: Dependents;
}

type RuleSets = ReadonlyMap<TrackedTable, RuleSet>;

const partsOf = new WeakMap<Model, ReadonlyMap<string, SourceParts>>();

/** Rules are compiled where a table, its permissions or what they look up has changed; the others are not even looked at. */
function buildParts(
  input: StructureInput,
  heirs: readonly InheritedRoleMetadata[],
  environment: Environment | null,
  before: SourceParts | undefined,
): SourceParts {
  const { structure, changes } = buildStructure(input, before?.structure);
  if (before === undefined || changes === null || !isSameList(before.heirs, heirs)) {
    const ruleSets = new Map<TrackedTable, RuleSet>();
    for (const [key, table] of structure.tables) {
      ruleSets.set(table, buildRuleSet(structure, table, declarationOf(structure, key), heirs, environment));
    }
    return { structure, heirs, ruleSets, dependents: dependentsIn(structure, ruleSets) };
  }
  const ruleSets = new Map(before.ruleSets);
  const dependents = before.dependents.isOvergrown
    ? dependentsIn(before.structure, ruleSets)
    : before.dependents;
  for (const key of new Set([...changes.declared, ...changes.tables, ...dependents.of(changes.tables)])) {
    const [table, tableBefore] = [structure.tables.get(key), before.structure.tables.get(key)];
    if (tableBefore !== undefined && tableBefore !== table) ruleSets.delete(tableBefore);
    if (table === undefined) continue;
    const declared = declarationOf(structure, key);
    const known = ruleSets.get(table);
    if (known !== undefined && isRuleSetOf(known, structure, declared)) continue;
    const made = buildRuleSet(structure, table, declared, heirs, environment);
    ruleSets.set(table, made);
    dependents.add(key, made.lookups.keys());
  }
  return { structure, heirs, ruleSets, dependents };
}

function isSameList<T>(one: readonly T[], other: readonly T[]): boolean {
  return one.length === other.length && one.every((item, index) => item === other[index]);
}

function dependentsIn({ tables }: Structure, ruleSets: RuleSets): Dependents {
  return new Dependents([...tables].map(([key, table]) => [key, ruleSets.get(table)?.lookups.keys() ?? []]));
}

let nextId = 1;

/** Without the experimental feature `naming_convention` a source keeps the default convention, whatever it declares. */
function conventionOf(source: SourceMetadata, options: ModelOptions): Naming['convention'] {
  if (!options.experimentalFeatures.has('naming_convention')) return 'hasura-default';
  return source.customization?.naming_convention ?? options.defaultNamingConvention;
}

/** The inherited roles whose parents are known, parents first. */
function resolveInheritedRoles(
  declared: readonly InheritedRoleMetadata[],
  roles: ReadonlySet<string>,
  report: (inconsistency: Inconsistency) => void,
): readonly InheritedRoleMetadata[] {
  const known = new Set(roles);
  const resolved: InheritedRoleMetadata[] = [];
  for (const role of orderInheritedRoles(declared)) {
    const missing = role.role_set.filter((parent) => !known.has(parent));
    if (missing.length > 0) {
      const name = role.role_name;
      report(
        inconsistentInheritedRole(
          role,
          `in inherited role ${name}: the following parent role(s) are not found: ${missing.join(',')} which are required to construct the inherited role: "${name}"`,
        ),
      );
      continue;
    }
    known.add(role.role_name);
    resolved.push(role);
  }
  return resolved;
}

/**
 * The roles that may call each function: those permitted, if they may read what it returns, and the roles that inherit from them. A permission
 * without that of reading is no fault of the metadata: it is of no use until there is one.
 */
function resolveFunctionPermissions(
  sources: ReadonlyMap<string, Source>,
  inheritedRoles: readonly InheritedRoleMetadata[],
  rulesOf: Model['rulesOf'],
): ReadonlyMap<TrackedFunction, ReadonlySet<string>> {
  const permitted = new Map<TrackedFunction, ReadonlySet<string>>();
  for (const source of sources.values()) {
    for (const fn of source.functions.values()) {
      const roles = new Set(
        [...fn.permittedRoles].filter((role) => rulesOf(role, fn.returns).select !== null),
      );
      for (const { role_name: role, role_set: parents } of inheritedRoles) {
        if (parents.some((parent) => roles.has(parent))) roles.add(role);
      }
      permitted.set(fn, roles);
    }
  }
  return permitted;
}
