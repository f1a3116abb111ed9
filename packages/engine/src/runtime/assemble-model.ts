import { type Catalog, type EnumValues, qualifiedKey, readEnumValues } from '../catalog/index.ts';
import type { Connection } from '../database/index.ts';
import type { Metadata } from '../metadata/index.ts';
import {
  buildModel,
  type CatalogFailure,
  enumTablesOf,
  type Model,
  type NativeQueryFaults,
} from '../model/index.ts';
import { type FindTable, inconsistentEventTriggers } from '../event-triggers/index.ts';
import { inconsistentSavedQueries } from '../saved-queries/index.ts';
import { inconsistentCronTriggers } from '../scheduled-triggers/index.ts';
import { createRoleSchema } from '../schema/index.ts';
import { remoteConflicts } from './remote-conflicts.ts';
import { metadataInForce } from './metadata-in-force.ts';
import { findNativeQueryFaults } from './native-query-faults.ts';
import { schemaFeatures } from './planner.ts';
import type { KnownServices } from './remote-services.ts';
import type { ConnectedSource, ConnectedSources } from './source-registry.ts';
import { noteTypeConflicts } from './type-conflicts.ts';
import type { RuntimeOptions } from './types.ts';

export interface AssemblyContext {
  /** The model before the change; what has not changed since is taken over from it. */
  readonly previous?: Model;
  /** A source and the open transaction in which its database is to be seen. */
  readonly within?: { readonly source: string; readonly connection: Connection };
}

/** What the metadata speaks of, as it was found. */
export interface Surroundings {
  readonly sources: ConnectedSources;
  readonly services: KnownServices;
}

/**
 * The model of a metadata document over sources as they were read. Reads the rows of enum tables and asks about native queries; all else is computed.
 * @throws RequestError for what no model can be built from, e.g. inherited roles in a circle
 */
export async function assembleModel(
  stored: Metadata,
  { sources, services }: Surroundings,
  options: RuntimeOptions,
  { previous, within }: AssemblyContext = {},
): Promise<Model> {
  const metadata = metadataInForce(stored, options);
  const catalogs = new Map<string, Catalog | CatalogFailure>();
  const enumValues = new Map<string, ReadonlyMap<string, EnumValues>>();
  const nativeQueryFaults = new Map<string, NativeQueryFaults>();
  for (const source of metadata.sources) {
    const connected = sources.get(source.name);
    catalogs.set(source.name, connected?.catalog ?? failureOf(connected));
    if (connected?.database == null || connected.catalog === null) continue;
    const { database, catalog } = connected;
    const open = within?.source === source.name ? within.connection : null;
    if (!options.disableNativeQueryValidation) {
      const place = open === null ? { database } : { within: open };
      nativeQueryFaults.set(source.name, await findNativeQueryFaults(source, catalog, place));
    }
    const tables = enumTablesOf(source, catalog);
    if (tables.length > 0) enumValues.set(source.name, await readEnumValues(open ?? database, tables));
  }
  const { inferFunctionPermissions, experimentalFeatures, defaultNamingConvention } = options;
  const model = buildModel(
    {
      metadata,
      catalogs,
      enumValues,
      nativeQueryFaults,
      options: {
        inferFunctionPermissions,
        experimentalFeatures,
        defaultNamingConvention,
        environment: options.environment,
        remoteSchemaPermissions: options.remoteSchemaPermissions,
      },
      remoteServices: services,
      findRemoteConflicts: (model, candidates) =>
        remoteConflicts({ metadata, model, candidates, features: schemaFeatures(options) }, previous ?? null),
      check: (model) => [
        ...inconsistentCronTriggers(metadata, options.environment),
        ...inconsistentEventTriggers(metadata, tableFinder(sources), options.environment),
        ...inconsistentSavedQueries(
          metadata,
          model,
          () =>
            createRoleSchema(model, 'admin', { usesBackendOnly: true, features: schemaFeatures(options) }),
          previous ?? null,
        ),
      ],
    },
    previous ?? null,
  );
  const read = [...catalogs.values()].flatMap((catalog) => ('error' in catalog ? [] : [catalog]));
  noteTypeConflicts(model, read, options, previous ?? null);
  return model;
}

/** Looks tables up in the catalogues that were read. */
export function tableFinder(sources: ConnectedSources): FindTable {
  return (source, table) => sources.get(source)?.catalog?.tables.get(qualifiedKey(table)) ?? null;
}

function failureOf(source: ConnectedSource | undefined): CatalogFailure {
  if (source?.error == null) return { error: 'connection error' };
  const { message, internal } = source.error;
  return typeof internal === 'string' ? { error: message, message: internal } : { error: message };
}
