import { compareVersions, listMigrations, sourceFolder } from '../project/index.ts';
import type { Session, Source } from '../session/index.ts';
import { table } from '../terminal/index.ts';
import { recordedMigrations } from './prepare-state.ts';

export type MigrationStatus = {
  readonly version: string;
  /** `-` when only the server knows it. */
  readonly name: string;
  readonly isInProject: boolean;
  readonly isApplied: boolean;
};

/** Oldest first. */
export async function migrationStatus(
  session: Session,
  source: Source,
  copiesOld = true,
): Promise<MigrationStatus[]> {
  const files = listMigrations(sourceFolder(session.config.migrationsFolder, source.name));
  const names = new Map(files.map(({ version, name }) => [version, name]));
  const recorded = new Set(await recordedMigrations(session, source, copiesOld));
  return [...new Set([...names.keys(), ...recorded])].sort(compareVersions).map((version) => ({
    version,
    name: names.get(version) ?? '-',
    isInProject: names.has(version),
    isApplied: recorded.has(version),
  }));
}

export function statusTable(source: Source, status: readonly MigrationStatus[]): string {
  const word = (isPresent: boolean): string => (isPresent ? 'Present' : 'Not Present');
  const rows = status.map(({ version, name, isInProject, isApplied }) => [
    version,
    name,
    word(isInProject),
    word(isApplied),
  ]);
  return `\nDatabase: ${source.name}\n${table([['VERSION', 'NAME', 'SOURCE STATUS', 'DATABASE STATUS'], ...rows])}`;
}
