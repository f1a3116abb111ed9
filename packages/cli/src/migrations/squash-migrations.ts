import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { changeRecord } from '../engine-client/index.ts';
import {
  checkName,
  compareVersions,
  type Direction,
  listMigrations,
  type MigrationFiles,
  pathsOfVersion,
  readMigration,
  sourceFolder,
} from '../project/index.ts';
import type { Session, Source } from '../session/index.ts';
import { UserError } from '../user-error.ts';
import { recordedMigrations } from './prepare-state.ts';

export type SquashRequest = {
  readonly from: string;
  /** Null: the latest. */
  readonly to: string | null;
  readonly name: string;
};

export type Squashed = {
  readonly versions: readonly string[];
  /** Where the originals are now. */
  readonly backup: string;
  /** Name of the folder of the new migration. */
  readonly created: string;
  readonly isApplied: boolean;
};

/**
 * Joins migrations into one with the version of the last. The originals are moved aside. Source: spec/cli.md 5.3.
 * @throws UserError before anything has changed
 */
export async function squashMigrations(
  session: Session,
  source: Source,
  request: SquashRequest,
): Promise<Squashed> {
  checkName(request.name);
  const folder = sourceFolder(session.config.migrationsFolder, source.name);
  const files = listMigrations(folder);
  const chosen = choose(files, request);
  const versions = chosen.map(({ version }) => version);
  const isApplied = checkInStep(versions, await recordedMigrations(session, source));
  const [first, last] = [versions[0] ?? '', versions.at(-1) ?? ''];
  const texts: Record<Direction, string> = {
    up: joined(chosen, 'up'),
    down: joined([...chosen].reverse(), 'down'),
  };
  const created = `${last}_${request.name}`;
  const draft = join(folder, `.squashing_${first}_to_${last}`);
  const backup = backupFolder(folder, versions);
  if (existsSync(backup)) {
    throw new UserError(
      `${backup} is there already, with the originals of an earlier squash; move or delete it first`,
    );
  }
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  for (const [direction, text] of Object.entries(texts)) writeFileSync(join(draft, `${direction}.sql`), text);
  mkdirSync(backup, { recursive: true });
  for (const version of versions) {
    for (const path of pathsOfVersion(folder, version)) renameSync(path, join(backup, basename(path)));
  }
  renameSync(draft, join(folder, created));
  return { versions, backup, created, isApplied };
}

function backupFolder(folder: string, versions: readonly string[]): string {
  return join(folder, `squashed_${versions[0]}_to_${versions.at(-1)}`);
}

/**
 * What an earlier squash of these versions has left.
 * @throws UserError when its originals are not there
 */
export async function squashedBefore(
  session: Session,
  source: Source,
  versions: readonly string[],
): Promise<Squashed> {
  const folder = sourceFolder(session.config.migrationsFolder, source.name);
  const ordered = [...versions].sort(compareVersions);
  const backup = backupFolder(folder, ordered);
  if (!existsSync(backup)) throw new UserError(`${backup} is not there, so there is nothing to delete`);
  const last = ordered.at(-1) ?? '';
  const name = listMigrations(folder).find(({ version }) => version === last)?.name ?? '';
  const recorded = await recordedMigrations(session, source);
  return { versions: ordered, backup, created: `${last}_${name}`, isApplied: recorded.includes(last) };
}

/** Deletes the originals, and all but the last version from the record. */
export async function forgetSquashed(session: Session, source: Source, squashed: Squashed): Promise<void> {
  const last = squashed.versions.at(-1);
  if (squashed.isApplied) {
    await changeRecord(session.client, source.name, (versions) => {
      for (const version of squashed.versions) if (version !== last) versions.delete(version);
    });
  }
  rmSync(squashed.backup, { recursive: true });
}

function choose(files: readonly MigrationFiles[], { from, to }: SquashRequest): MigrationFiles[] {
  const latest = to ?? files.at(-1)?.version ?? from;
  for (const [what, version] of [
    ['from', from],
    ['to', latest],
  ] as const) {
    if (files.some((each) => each.version === version)) continue;
    throw new UserError(
      `validating '${what}' migration failed. Make sure migration with version ${version} exists`,
    );
  }
  if (compareVersions(from, latest) >= 0) {
    throw new UserError(
      `cannot squash from ${from} to ${latest}: ${from} (from) should be less than ${latest} (to)`,
    );
  }
  return files.filter(
    ({ version }) => compareVersions(version, from) >= 0 && compareVersions(version, latest) <= 0,
  );
}

/** All applied: true; none: false. */
function checkInStep(versions: readonly string[], recorded: readonly string[]): boolean {
  const isApplied = recorded.includes(versions[0] ?? '');
  const odd = versions.find((version) => recorded.includes(version) !== isApplied);
  if (odd === undefined) return isApplied;
  throw new UserError(
    `migrations are out of sync. all migrations selected to squash should be applied or all should be be unapplied. found first mismatch at ${odd}. use 'postern migrate status' to inspect`,
  );
}

function joined(files: readonly MigrationFiles[], direction: Direction): string {
  return files
    .map((each) => each[direction])
    .map((file) => (file === null ? '' : `\n${readMigration(file)}`))
    .join('');
}
