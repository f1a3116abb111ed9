/** The metadata in `hdb_catalog`: made, read, written with a version, watched. In: a database. Out: `MetadataStorage`. */
export {
  type MetadataStorage,
  openMetadataStorage,
  type StoredMetadata,
  type WriteOptions,
} from './metadata-storage.ts';
export type { PendingWrite } from './pending-write.ts';
export { versionConflict } from './store-document.ts';
export type { WatchOptions } from './watch-version.ts';
