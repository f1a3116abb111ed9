/** The table of commands. Source: spec/metadata-api.md 1.3, 3, 5.1. */
import { actionCommands } from './actions.ts';
import { collectionCommands } from './collections.ts';
import type { CommandDefinition } from './command.ts';
import { cronTriggerCommands } from './cron-triggers.ts';
import { functionCommands } from './functions.ts';
import { nativeQueryCommands } from './native-queries.ts';
import { permissionCommands } from './permissions.ts';
import { relationshipCommands } from './relationships.ts';
import { remoteSchemaCommands } from './remote-schemas.ts';
import { roleAndLimitCommands } from './roles-and-limits.ts';
import { queryCommands, runtimeCommands } from './runtime-commands.ts';
import { sourceCommands } from './sources.ts';
import { tableCommands } from './tables.ts';
import { triggerCommands } from './triggers.ts';
import { wholeCommands } from './whole.ts';

const definitions: readonly CommandDefinition[] = [
  ...sourceCommands,
  ...tableCommands,
  ...relationshipCommands,
  ...permissionCommands,
  ...functionCommands,
  ...nativeQueryCommands,
  ...wholeCommands,
  ...collectionCommands,
  ...roleAndLimitCommands,
  ...actionCommands,
  ...remoteSchemaCommands,
  ...triggerCommands,
  ...cronTriggerCommands,
  ...runtimeCommands,
];

/** Commands that `/v1/query` alone has. */
const legacyOnly = new Set(['add_existing_table_or_view', 'set_table_custom_fields']);

function byName(list: readonly CommandDefinition[]): ReadonlyMap<string, CommandDefinition> {
  return new Map(list.map((definition) => [definition.name, definition]));
}

/** `/v1/metadata`, without the prefix of a source's kind. */
export const sourceScoped = byName(
  definitions.filter(({ name, scope }) => scope === 'source' && !legacyOnly.has(name)),
);

/** `/v1/metadata`, named in full. */
export const globalScoped = byName(definitions.filter(({ scope }) => scope === 'global'));

/** `/v1/query`: all of them, none with a prefix. */
export const legacy = byName([...definitions, ...queryCommands]);

/** `/v2/query`. */
export const query = byName(queryCommands);
