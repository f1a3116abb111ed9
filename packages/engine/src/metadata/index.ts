/**
 * What the user declared. In: JSON in any version of Hasura's metadata, and commands of the metadata API. Out: `Metadata`, validated in shape but
 * not against a database, its export, the next document after a command, and its storage in `hdb_catalog`.
 * Promises that reading what was exported and exporting it again gives the same bytes.
 */
export type {
  BulkCommand,
  Command,
  CommandOutcome,
  ConsistencyCheck,
  MetadataCommand,
  RuntimeCommand,
  TableBatchCommand,
} from './commands/command.ts';
export type * from './commands/data-requests.ts';
export type { EventPage, EventRequest, EventStatus } from './commands/events.ts';
export {
  mayChangeSchema,
  type RunSqlArguments,
  type RuntimeRequest,
  type Selection,
} from './commands/runtime-requests.ts';
export type * from './commands/scheduled-events.ts';
export { requireCronTrigger } from './commands/cron-triggers.ts';
export * from './dependencies/index.ts';
export { decodeMetadata, emptyMetadata, exportMetadata, storedForm } from './document.ts';
export { inlineModelOf } from './edit.ts';
export { compareNames, displayName, isSameName } from './names.ts';
export { type MetadataObjectId, objectKey, type PermissionOperation } from './object-id.ts';
export { type CommandEndpoint, type ParsedRequest, parseCommand, parseRequest } from './parse-command.ts';
export { isRuleList, rulesOfPermission } from './permission-rules.ts';
export { type RootFieldKind, rootFieldKinds } from './root-field-kinds.ts';
export { defaultCronRetry } from './shapes/cron-trigger.ts';
export { defaultIgnoredClientHeaders } from './shapes/top-level.ts';
export { type ToSourceDefinition, toSourceDefinition } from './shapes/relationship.ts';
export {
  type ArgumentTemplate,
  type RemoteFieldDefinition,
  type RemoteFieldStep,
  remoteFieldDefinition,
  variablesOf,
} from './shapes/remote-field.ts';
export * from './storage/index.ts';
export type * from './types.ts';
export { decodeDefaults, withDefaults } from './with-defaults.ts';
