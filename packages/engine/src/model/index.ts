/**
 * Metadata × catalogue → Model. In: the declared metadata and what each database holds. Out: an immutable Model of tracked tables, functions and
 * compiled rules, with the list of what does not fit. Promise: what is inconsistent is absent, and never a weaker rule.
 */
export { type Action, type ActionArgument, mayRunAction } from './actions.ts';
export {
  buildModel,
  type CatalogFailure,
  type ModelInput,
  type ModelOptions,
  type RemoteConflict,
} from './build-model.ts';
export type * from './custom-types.ts';
export { baseName, type DeclaredType } from './declared-type.ts';
export { enumTablesOf } from './enum-tables.ts';
export { orderInheritedRoles } from './inherited-roles.ts';
export { isGraphqlName, makeNaming, textOf } from './naming.ts';
export { type NativeQueryFaults, nativeQueryCandidates } from './native-queries.ts';
export type { RemoteService } from './remote-schemas.ts';
export { findRootFieldConflict } from './root-field-conflicts.ts';
export { scalarNameOf } from './scalar-names.ts';
export { mayTypesMeet } from './type-name-suspects.ts';
export type * from './types.ts';
