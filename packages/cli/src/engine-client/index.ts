/**
 * Talks to an engine over its HTTP API. In: a project's configuration. Out: what the engine answers. Promise: a request that changes something is sent once, and
 * what the engine refuses comes back as its own words.
 */
export {
  type CliState,
  changeRecord,
  changeSetting,
  checkState,
  isMigrationMode,
  isStateCopied,
  readState,
  recordedVersions,
} from './cli-state.ts';
export { type EngineClient, openClient } from './engine-client.ts';
export { EngineError } from './failures.ts';
export { type Forwarder, openForwarder } from './forwarder.ts';
