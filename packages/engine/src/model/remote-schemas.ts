/**
 * Other GraphQL services, as far as they and what is declared about them can be used. Source: spec/remote-schemas.md 3-5, 7.
 */
import type {
  InheritedRoleMetadata,
  RemoteSchemaCustomization,
  RemoteSchemaMetadata,
} from '../metadata/index.ts';
import {
  canonicalTypeSystem,
  createRemoteNaming,
  type RemoteEndpoint,
  type RemoteNaming,
  type RemoteTypeSystem,
  restrictTypeSystem,
} from '../remote-schemas/index.ts';
import { RequestError } from '../support/index.ts';
import {
  inconsistentRemoteSchema,
  inconsistentRemoteSchemaPermission,
  remoteInheritanceConflict,
} from './inconsistency.ts';
import type { Inconsistency, RemoteSchema } from './types.ts';

/** A service as it was found. */
export interface RemoteService {
  /** Null when the definition does not say where it is. */
  readonly endpoint: RemoteEndpoint | null;
  /** Null when it could not be asked, and was never asked before; beside an error: what it said at an earlier time. */
  readonly typeSystem: RemoteTypeSystem | null;
  readonly error: RequestError | null;
}

/** A service that fits by itself, with what each role that has a permission may use of it. */
export interface RemoteSchemaCandidate {
  readonly schema: RemoteSchema;
  readonly byRole: ReadonlyMap<string, RemoteTypeSystem>;
}

export interface RemoteSchemasInput {
  readonly declared: readonly RemoteSchemaMetadata[];
  readonly services: ReadonlyMap<string, RemoteService>;
  /** False: permissions are not looked at. */
  readonly usesPermissions: boolean;
  readonly heirs: readonly InheritedRoleMetadata[];
  readonly report: (inconsistency: Inconsistency) => void;
}

/** Those that can be used, in the order of the metadata; whether they fit beside one another and the sources is not looked at. */
export function buildRemoteSchemas(input: RemoteSchemasInput): readonly RemoteSchemaCandidate[] {
  return input.declared.flatMap((declared) => {
    const candidate = buildCandidate(declared, input);
    return candidate === null ? [] : [candidate];
  });
}

function buildCandidate(
  declared: RemoteSchemaMetadata,
  { services, usesPermissions, heirs, report }: RemoteSchemasInput,
): RemoteSchemaCandidate | null {
  const { name, definition } = declared;
  const service = services.get(name);
  const error = service?.error ?? null;
  const stale = error !== null && service?.typeSystem != null;
  if (error !== null) {
    const reason = stale
      ? `remote schema "${name}"  is inconsistent because of stale remote schema introspection is used. The remote schema couldn't be reached for a fresh introspection because we got error: ${error.message}`
      : error.message;
    report(inconsistentRemoteSchema(declared, reason, error));
  }
  if (service?.endpoint == null || service.typeSystem === null) return null;
  const { endpoint, typeSystem } = service;
  try {
    const naming = namingOf(typeSystem, definition.customization);
    const schema = { name, endpoint, naming, typeSystem };
    const byRole = usesPermissions ? restrictForRoles(declared, schema, heirs, report) : new Map();
    return { schema, byRole };
  } catch (fault) {
    if (!(fault instanceof RequestError)) throw fault;
    if (error === null) report(inconsistentRemoteSchema(declared, fault.message, fault));
    return null;
  }
}

function restrictForRoles(
  declared: RemoteSchemaMetadata,
  { typeSystem }: RemoteSchema,
  heirs: readonly InheritedRoleMetadata[],
  report: (inconsistency: Inconsistency) => void,
): ReadonlyMap<string, RemoteTypeSystem> {
  const byRole = new Map<string, RemoteTypeSystem>();
  const explicit = new Set<string>();
  for (const permission of declared.permissions ?? []) {
    const { role, definition } = permission;
    explicit.add(role);
    try {
      byRole.set(role, restrictedOf(typeSystem, definition.schema));
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      report(inconsistentRemoteSchemaPermission(declared.name, permission, error));
    }
  }
  for (const { role_name: heir, role_set: parents } of heirs) {
    if (explicit.has(heir)) continue;
    const [first, ...others] = parents.flatMap((parent) => byRole.get(parent) ?? []);
    if (first === undefined) continue;
    const text = canonicalOf(first);
    if (others.every((other) => canonicalOf(other) === text)) byRole.set(heir, first);
    else report(remoteInheritanceConflict(declared.name, heir));
  }
  return byRole;
}

/** Made once as long as the service's types are the same. */
function namingOf(
  typeSystem: RemoteTypeSystem,
  customization: RemoteSchemaCustomization | undefined,
): RemoteNaming {
  const key = JSON.stringify(customization ?? null);
  const known = namings.get(typeSystem);
  if (known?.key === key) return known.naming;
  const naming = createRemoteNaming(customization, typeSystem);
  namings.set(typeSystem, { key, naming });
  return naming;
}

function restrictedOf(typeSystem: RemoteTypeSystem, text: string): RemoteTypeSystem {
  let known = restricted.get(typeSystem);
  if (known === undefined || known.size >= mostRestrictions) {
    known = new Map();
    restricted.set(typeSystem, known);
  }
  const found = known.get(text);
  if (found !== undefined) return found;
  const made = restrictTypeSystem(typeSystem, text);
  known.set(text, made);
  return made;
}

function canonicalOf(typeSystem: RemoteTypeSystem): string {
  const known = canonical.get(typeSystem);
  if (known !== undefined) return known;
  const text = canonicalTypeSystem(typeSystem);
  canonical.set(typeSystem, text);
  return text;
}

/** Of one service; more roles than this, or more changes to what they may use, and all is made anew. */
const mostRestrictions = 200;

const namings = new WeakMap<RemoteTypeSystem, { readonly key: string; readonly naming: RemoteNaming }>();
const restricted = new WeakMap<RemoteTypeSystem, Map<string, RemoteTypeSystem>>();
const canonical = new WeakMap<RemoteTypeSystem, string>();
