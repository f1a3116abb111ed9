/** The names under which the types and fields of a service appear in ours. Source: spec/remote-schemas.md 4. */
import type { RemoteSchemaCustomization } from '../metadata/index.ts';
import { builtInScalars } from './read-introspection.ts';
import { remoteSchemaError } from './remote-schema-error.ts';
import type { RemoteInterfaceType, RemoteTypeSystem } from './types.ts';

export interface RemoteNaming {
  /** The field below which all root fields stand; null: they are root fields of ours. */
  readonly namespace: string | null;
  /** Our name of a type of the service. */
  typeName(original: string): string;
  /** The service's name of a type of ours; the name itself when it is none. */
  originalTypeName(ours: string): string;
  /** @param parentType the service's name of the type that has the field */
  fieldName(parentType: string, original: string): string;
}

/**
 * Names that are all different and agree between interfaces and what implements them.
 * @throws RequestError
 */
export function createRemoteNaming(
  customization: RemoteSchemaCustomization | undefined,
  typeSystem: RemoteTypeSystem,
): RemoteNaming {
  const rename = typeRenaming(customization, typeSystem);
  if (customization?.root_fields_namespace !== undefined) checkName(customization.root_fields_namespace);
  const renamed = new Map<string, string>();
  for (const name of typeSystem.types.keys()) renamed.set(name, rename(name));
  const originals = new Map([...renamed].map(([original, ours]) => [ours, original]));
  const fieldRenaming = new Map(
    (customization?.field_names ?? []).map((entry) => [entry.parent_type, entry] as const),
  );
  const naming: RemoteNaming = {
    namespace: customization?.root_fields_namespace ?? null,
    typeName: (original) => renamed.get(original) ?? original,
    originalTypeName: (ours) => originals.get(ours) ?? ours,
    fieldName(parentType, original) {
      const entry = fieldRenaming.get(parentType);
      if (entry === undefined || original === '__typename') return original;
      const mapped = ownMember(entry.mapping, original);
      return mapped ?? `${entry.prefix ?? ''}${original}${entry.suffix ?? ''}`;
    },
  };
  const namesFields = customization?.field_names !== undefined;
  if (namesFields) {
    for (const type of typeSystem.types.values()) if (type.kind === 'interface') checkAgreement(type, naming);
  }
  [...renamed.values()].forEach(checkName);
  refuseRepeated(
    [...renamed.values()],
    (names) => `Type name mappings are not distinct; the following types appear more than once: ${names}`,
  );
  if (namesFields) checkFieldNames(naming, typeSystem);
  return naming;
}

function typeRenaming(
  customization: RemoteSchemaCustomization | undefined,
  { roots }: RemoteTypeSystem,
): (name: string) => string {
  const { type_names: names = {}, root_fields_namespace: namespace } = customization ?? {};
  const { mapping, prefix = '', suffix = '' } = names;
  const rootNames = new Set([roots.query, roots.mutation, roots.subscription]);
  const scalars = new Set<string>(builtInScalars);
  return (name) => {
    const mapped = ownMember(mapping, name);
    if (mapped !== undefined) return mapped;
    if (rootNames.has(name)) return `${namespace ?? ''}${name}`;
    return scalars.has(name) || name.startsWith('__') ? name : `${prefix}${name}${suffix}`;
  };
}

function checkFieldNames(naming: RemoteNaming, { types }: RemoteTypeSystem): void {
  for (const type of types.values()) {
    if (type.kind !== 'object' && type.kind !== 'interface') continue;
    const names = [...type.fields.keys()].map((name) => naming.fieldName(type.name, name));
    names.forEach(checkName);
    refuseRepeated(
      names,
      (repeated) =>
        `Field name mappings for ${type.kind} type "${type.name}" are not distinct; the following fields appear more than once: ${repeated}`,
    );
  }
}

function checkAgreement({ name, fields, possibleTypes }: RemoteInterfaceType, naming: RemoteNaming): void {
  for (const field of fields.keys()) {
    const ours = naming.fieldName(name, field);
    for (const object of possibleTypes) {
      const theirs = naming.fieldName(object, field);
      if (theirs === ours) continue;
      throw remoteSchemaError(
        `Remote schema customization inconsistency: field name mapping for field "${field}" of interface "${name}" is inconsistent with mapping for type "${object}". Interface field name maps to "${ours}". Type field name maps to "${theirs}".`,
      );
    }
  }
}

function checkName(name: string): void {
  if (!/^[_A-Za-z][_0-9A-Za-z]*$/.test(name))
    throw remoteSchemaError(`"${name}" is not a valid GraphQL name`);
}

function refuseRepeated(names: readonly string[], describe: (repeated: string) => string): void {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) repeated.add(name);
    seen.add(name);
  }
  if (repeated.size === 0) return;
  throw remoteSchemaError(
    describe(
      [...repeated]
        .sort()
        .map((name) => `"${name}"`)
        .join(', '),
    ),
  );
}

function ownMember(mapping: Readonly<Record<string, string>> | undefined, name: string): string | undefined {
  return mapping !== undefined && Object.hasOwn(mapping, name) ? mapping[name] : undefined;
}
