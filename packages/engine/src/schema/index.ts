/**
 * What a role sees. In: a Model and a role. Out: a RoleSchema, whose types are made when they are first named, and the JSON text of introspection.
 * Promise: what the role may not do has no name in its schema, neither as a field nor as an argument, an enum value or an introspected type.
 */
export type { RoleSchemaOptions, SchemaApi, SchemaFeatures } from './context.ts';
export { type Directive, directives } from './directives.ts';
export { introspect } from './introspect.ts';
export { findRemoteConflicts } from './remote-conflicts.ts';
export { printSubgraph } from './print-sdl.ts';
export { createRoleSchema } from './role-schema.ts';
export { RoleSchemaCache } from './role-schema-cache.ts';
export { strictScalars } from './scalars.ts';
export { findTypeConflicts, type TypeConflict } from './type-conflicts.ts';
export type * from './meanings.ts';
export type * from './types.ts';
