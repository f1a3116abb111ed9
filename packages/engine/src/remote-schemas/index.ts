/**
 * Other GraphQL services as they describe themselves. In: a definition of the metadata. Out: where the service is, its checked types under its own names,
 * our names of them, and what a role's schema document leaves of them. Promise: types that do not fit together are refused, and what a document
 * does not list is not there.
 */
export { callRemoteSchema } from './call.ts';
export { findRemoteFieldFault } from './check-remote-field.ts';
export { isRequiredInput } from './check-type-system.ts';
export { type RemoteEndpoint, resolveEndpoint } from './endpoint.ts';
export { type FetchedTypeSystem, fetchTypeSystem, parseTypeSystem } from './fetch-type-system.ts';
export { hiddenValue, isHiddenInput, presetMembers } from './hidden-inputs.ts';
export { createRemoteNaming, type RemoteNaming } from './naming.ts';
export { canonicalTypeSystem } from './permissions/canonical.ts';
export type { PresetValue, SessionPreset, SessionPresetTarget } from './permissions/preset-value.ts';
export { restrictTypeSystem } from './permissions/restrict.ts';
export { namedTypeOf, typeText } from './type-references.ts';
export type * from './types.ts';
