/**
 * What the user declared. In: JSON in any version of Hasura's metadata, and commands of the metadata API. Out: `Metadata`, validated in shape but
 * not against a database, its export, the next document after a command, and its storage in `hdb_catalog`.
 * Promises that reading what was exported and exporting it again gives the same bytes.
 */
export { decodeMetadata, emptyMetadata, exportMetadata, storedForm } from './document.ts';
export { compareNames, displayName, isSameName } from './names.ts';
export { type MetadataObjectId, objectKey, type PermissionOperation } from './object-id.ts';
export type * from './types.ts';
