/**
 * Metadata and catalogues resolved against each other. What does not fit is left out and listed; nothing here fails because of one object.
 */
import { type Catalog, type EnumValues, qualifiedKey } from '../catalog/index.ts';
import type { InheritedRoleMetadata, Metadata, SourceMetadata, TableMetadata } from '../metadata/index.ts';
import { describeName, type TableRules } from '../permissions/index.ts';
import type { Json } from '../support/index.ts';
import { buildComputedFields } from './computed-fields.ts';
import { buildFunctions } from './functions.ts';
import {
  inconsistentComputedField,
  inconsistentFunctionPermission,
  inconsistentInheritedRole,
  inconsistentPermission,
  inconsistentRelationship,
  inconsistentSource,
} from './inconsistency.ts';
import { orderInheritedRoles } from './inherited-roles.ts';
import { makeNaming } from './naming.ts';
import { buildRelationships } from './relationships.ts';
import { declaredRoles } from './roles.ts';
import {
  adminRules,
  compileRules,
  declaredPermissions,
  inheritTableRules,
  noRules,
  type RulesByRole,
} from './rules.ts';
import type { SourceBuilder } from './source-builder.ts';
import { buildTables } from './tables.ts';
import type { Inconsistency, Model, Naming, Source, TrackedFunction, TrackedTable } from './types.ts';

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
  readonly options: ModelOptions;
}

export interface ModelOptions {
  /** Query functions need no permission of their own. */
  readonly inferFunctionPermissions: boolean;
  readonly experimentalFeatures: ReadonlySet<string>;
  readonly defaultNamingConvention: Naming['convention'];
}

/**
 * @throws RequestError `cyclic-dependency` when inherited roles form a circle
 */
export function buildModel({ metadata, catalogs, enumValues, options }: ModelInput): Model {
  const inconsistencies: Inconsistency[] = [];
  const report = (inconsistency: Inconsistency): void => {
    inconsistencies.push(inconsistency);
  };
  const roles = declaredRoles(metadata);
  const inheritedRoles = resolveInheritedRoles(metadata.inherited_roles ?? [], roles, report);
  const sources = new Map<string, Source>();
  const rules = new Map<TrackedTable, RulesByRole>();
  for (const source of metadata.sources) {
    const catalog = catalogs.get(source.name) ?? { error: 'connection error' };
    if ('error' in catalog) {
      report(inconsistentSource(source.name, catalog.error, catalog.message));
      continue;
    }
    const builder: SourceBuilder = {
      name: source.name,
      metadata: source,
      catalog,
      naming: makeNaming(source.customization, conventionOf(source, options)),
      tables: new Map(),
      report,
    };
    buildTables(builder, enumValues.get(source.name) ?? new Map());
    for (const table of builder.tables.values()) buildRelationships(builder, table);
    for (const table of builder.tables.values()) buildComputedFields(builder, table);
    for (const table of builder.tables.values()) {
      const byRole = compileRules(builder, table);
      inheritTableRules(table, byRole, inheritedRoles, report);
      rules.set(table, byRole);
    }
    for (const table of source.tables) {
      if (!builder.tables.has(qualifiedKey(table.table))) reportOrphans(source.name, table, report);
    }
    const functions = buildFunctions(builder);
    sources.set(source.name, {
      name: source.name,
      tables: builder.tables,
      functions,
      naming: builder.naming,
    });
  }
  const admin = new WeakMap<TrackedTable, TableRules>();
  const rulesOf = (role: string, table: TrackedTable): TableRules => {
    if (role !== 'admin') return rules.get(table)?.get(role)?.rules ?? noRules;
    const known = admin.get(table);
    if (known !== undefined) return known;
    const made = adminRules(table);
    admin.set(table, made);
    return made;
  };
  const permitted = resolveFunctionPermissions(sources, inheritedRoles, rulesOf, report);
  return {
    id: nextId++,
    sources,
    roles: new Set([...roles, ...inheritedRoles.map((role) => role.role_name)]),
    inconsistencies,
    rulesOf,
    mayCallFunction: (role, fn) =>
      role === 'admin' ||
      (fn.exposedAs === 'query' && options.inferFunctionPermissions) ||
      (permitted.get(fn)?.has(role) ?? false),
    introspectionDisabledRoles: new Set(metadata.graphql_schema_introspection?.disabled_for_roles),
  };
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

/** What is declared for a table that is not there is not in force either. */
function reportOrphans(
  source: string,
  metadata: TableMetadata,
  report: (inconsistency: Inconsistency) => void,
): void {
  const { table } = metadata;
  const reason = `table "${describeName(table)}" is not tracked`;
  for (const relationship of metadata.object_relationships ?? []) {
    report(inconsistentRelationship(source, table, 'object', relationship, reason));
  }
  for (const relationship of metadata.array_relationships ?? []) {
    report(inconsistentRelationship(source, table, 'array', relationship, reason));
  }
  for (const field of metadata.computed_fields ?? []) {
    report(inconsistentComputedField(source, table, field, reason));
  }
  for (const { operation, permission } of declaredPermissions(metadata)) {
    report(inconsistentPermission(source, table, operation, permission, reason));
  }
}

/** The roles that may call each function: those permitted, if they may read what it returns, and the roles that inherit from them. */
function resolveFunctionPermissions(
  sources: ReadonlyMap<string, Source>,
  inheritedRoles: readonly InheritedRoleMetadata[],
  rulesOf: Model['rulesOf'],
  report: (inconsistency: Inconsistency) => void,
): ReadonlyMap<TrackedFunction, ReadonlySet<string>> {
  const permitted = new Map<TrackedFunction, ReadonlySet<string>>();
  for (const source of sources.values()) {
    for (const fn of source.functions.values()) {
      const roles = new Set<string>();
      for (const role of fn.permittedRoles) {
        if (rulesOf(role, fn.returns).select !== null) {
          roles.add(role);
          continue;
        }
        const returned = describeName(fn.returns);
        report(
          inconsistentFunctionPermission(
            source.name,
            fn,
            role,
            `in function "${describeName(fn)}": in permission for role "${role}": function permission can only be added when the function's return table "${returned}" has select permission configured for role: "${role}"`,
          ),
        );
      }
      for (const { role_name: role, role_set: parents } of inheritedRoles) {
        if (parents.some((parent) => roles.has(parent))) roles.add(role);
      }
      permitted.set(fn, roles);
    }
  }
  return permitted;
}
