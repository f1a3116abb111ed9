/**
 * What a role may do, asked instead of tried. In: a request to `/v1/permissions/explain` (from an administrator) or `/v1/permissions/check` (from any role, about
 * itself), the Model and the databases. Out: the answer as JSON. Promise: `check` says nothing of a table, a column or a row that the role cannot see, and reads
 * rows only through the role's own select rule; nothing is ever written.
 */
export { checkPermissions } from './check-permissions.ts';
export { explainPermission } from './explain-permission.ts';
export type { PermissionQueryContext } from './truths.ts';
