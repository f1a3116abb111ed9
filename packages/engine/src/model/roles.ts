/** Which roles there are: every one that some object of the metadata mentions. Source: spec/permissions.md 1.4, 7.1. */
import { inlineModelOf, type Metadata, type TableMetadata } from '../metadata/index.ts';
import { isJsonObject, type Json } from '../support/index.ts';

/** Roles that permissions of any kind mention, inherited roles left out; never `admin`. */
export function declaredRoles(metadata: Metadata): Set<string> {
  const roles = new Set<string>();
  for (const source of metadata.sources) {
    // thousands of tables have a few lists of roles
    for (const ofTables of new Set(source.tables.map(rolesOfTable)))
      for (const role of ofTables) roles.add(role);
    for (const fn of source.functions ?? []) for (const { role } of fn.permissions ?? []) roles.add(role);
    const ofQueries = (source.native_queries ?? []).flatMap((query) => inlineModelOf(query) ?? []);
    for (const { select_permissions: permissions } of [...(source.logical_models ?? []), ...ofQueries]) {
      for (const { role } of permissions ?? []) roles.add(role);
    }
  }
  for (const object of [...(metadata.actions ?? []), ...(metadata.remote_schemas ?? [])]) {
    addRoles(roles, object['permissions']);
  }
  roles.delete('admin');
  return roles;
}

/** Looked for once: most tables are the same objects after a change. Tables with the same roles mostly share the list. */
function rolesOfTable(table: TableMetadata): readonly string[] {
  const known = rolesByTable.get(table);
  if (known !== undefined) return known;
  const roles = new Set(
    [
      table.select_permissions,
      table.insert_permissions,
      table.update_permissions,
      table.delete_permissions,
    ].flatMap((permissions) => (permissions ?? []).map(({ role }) => role)),
  );
  const list = shared([...roles]);
  rolesByTable.set(table, list);
  return list;
}

const rolesByTable = new WeakMap<TableMetadata, readonly string[]>();

function shared(roles: readonly string[]): readonly string[] {
  const key = JSON.stringify(roles);
  const known = sharedLists.get(key);
  if (known !== undefined) return known;
  // lists of before go on where they are
  if (sharedLists.size >= mostSharedLists) sharedLists.clear();
  sharedLists.set(key, roles);
  return roles;
}

const sharedLists = new Map<string, readonly string[]>();
const mostSharedLists = 1000;

function addRoles(roles: Set<string>, permissions: Json | undefined): void {
  if (!Array.isArray(permissions)) return;
  for (const permission of permissions as readonly Json[]) {
    const role = isJsonObject(permission) ? permission['role'] : null;
    if (typeof role === 'string') roles.add(role);
  }
}
