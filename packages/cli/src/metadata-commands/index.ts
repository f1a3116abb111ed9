/**
 * The metadata of a project against that of a server. In: a session. Out: metadata replaced, files written, differences shown. Promise: a project that cannot be read
 * changes nothing on the server, and metadata that cannot be written changes no file.
 */
export {
  applyMetadata,
  clearMetadata,
  dropInconsistencies,
  exportProject,
  inconsistencies,
  inconsistencyRow,
  reloadMetadata,
} from './apply-metadata.ts';
export { diffMetadata, diffType, fileDifferences } from './diff-metadata.ts';
export { diffLines } from './line-difference.ts';
export { metadataText, outputFormat, writeProjectMetadata } from './project-metadata.ts';
export { describeDifference } from './structural-difference.ts';
