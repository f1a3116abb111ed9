import { isMapping, type Mapping, mappingOf, type Value } from '../document/index.ts';
import { UserError } from '../user-error.ts';
import type { EngineClient } from './engine-client.ts';

/** Which migrations a server has: `migrations: {default: {"1654696186008": false}}`, beside what else is kept there. Source: spec/cli.md 3.1. */
export type CliState = Mapping;

export async function readState(client: EngineClient): Promise<CliState> {
  const answer = await client.ask('get_catalog_state');
  const state = isMapping(answer) ? answer.get('cli_state') : undefined;
  return isMapping(state) ? state : new Map();
}

/** Versions that are applied to a source. */
export function recordedVersions(state: CliState, source: string): string[] {
  const versions = member(member(state, 'migrations'), source);
  return [...versions.keys()];
}

/**
 * Reads, changes and writes the record of one source, with what other sources and programs keep there.
 * The server has no lock for it: two commands that do this at the same moment can lose a record, which the next `migrate status` shows.
 */
export async function changeRecord(
  client: EngineClient,
  source: string,
  change: (versions: Map<string, Value>) => void,
): Promise<void> {
  const state = await readState(client);
  const migrations = new Map(member(state, 'migrations'));
  const versions = new Map(member(migrations, source));
  change(versions);
  if (versions.size === 0) migrations.delete(source);
  else migrations.set(source, versions);
  await writeState(client, withMigrations(state, migrations));
}

async function writeState(client: EngineClient, state: CliState): Promise<void> {
  await client.store(
    'set_catalog_state',
    mappingOf([
      ['type', 'cli'],
      ['state', state],
    ]),
  );
}

/** With the settings that a record of migrations always has. */
function withMigrations(state: CliState, migrations: Mapping): CliState {
  const next = new Map<string, Value>();
  if (migrations.size > 0) next.set('migrations', migrations);
  next.set('settings', new Map<string, Value>([['migration_mode', 'true'], ...member(state, 'settings')]));
  for (const [key, value] of state) if (key !== 'migrations' && key !== 'settings') next.set(key, value);
  next.set('isStateCopyCompleted', true);
  return next;
}

/** False: a console changes the metadata, and writes no migrations. */
export function isMigrationMode(state: CliState): boolean {
  const mode = member(state, 'settings').get('migration_mode');
  return mode === undefined || String(mode) === 'true';
}

/** Reads, changes and writes one of the settings, which are kept beside the record. */
export async function changeSetting(client: EngineClient, name: string, value: string): Promise<void> {
  const state = await readState(client);
  const next = new Map(state);
  next.set('settings', new Map(member(state, 'settings')).set(name, value));
  await writeState(client, withMigrations(next, member(state, 'migrations')));
}

/** @throws UserError when migrations are switched off, or one was left half done */
export function checkState(state: CliState, source: string): void {
  if (!isMigrationMode(state)) {
    throw new UserError(
      `Migration mode is disabled. It is kept with the server (settings.migration_mode in the state of the CLI); the API of 'postern console' switches it on (PUT /apis/migrate/settings)`,
    );
  }
  for (const [version, isDirty] of member(member(state, 'migrations'), source)) {
    if (isDirty === true) throw new UserError(`Dirty database version ${version}. Fix and force version.`);
  }
}

export function isStateCopied(state: CliState): boolean {
  return state.get('isStateCopyCompleted') === true;
}

function member(mapping: Mapping, key: string): Mapping {
  const value = mapping.get(key);
  return isMapping(value) ? value : new Map();
}
