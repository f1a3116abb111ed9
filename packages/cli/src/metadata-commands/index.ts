/**
 * The metadata of a project against that of a server. In: a session. Out: metadata replaced, files written, differences shown. Promise: a project that cannot be read
 * changes nothing on the server, and metadata that cannot be written changes no file.
 */
export {
  applyMetadata,
  clearMetadata,
  dropInconsistencies,
  exportProject,
  reloadMetadata,
} from './apply-metadata.ts';
export { fileDifferences } from './diff-metadata.ts';
export { diffLines } from './line-difference.ts';
export { runApply, runDiff, runExport, runList, runStatus } from './run-commands.ts';
export { describeDifference } from './structural-difference.ts';
