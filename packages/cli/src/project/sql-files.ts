import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

export type Migration = {
  /** Digits only, for example `1764000000000`; the order is numeric. */
  readonly version: string;
  readonly name: string;
  readonly up: string;
};

/** Migrations of a source with an up direction, oldest first. Empty files do not count. Source: spec/cli.md 3. */
export function readMigrations(projectFolder: string, source: string): Migration[] {
  const folder = join(projectFolder, 'migrations', source);
  const found = new Map<string, Migration & { readonly path: string }>();
  for (const { path, name: fileName } of migrationFiles(folder)) {
    const match = /^([0-9]+)_(.*)\.up\.sql$/.exec(fileName);
    const [, version, name] = match ?? [];
    if (version === undefined || name === undefined) continue;
    const up = readFileSync(path, 'utf8');
    if (up.trim() === '') continue;
    const other = found.get(version);
    if (other !== undefined) {
      throw new Error(`found duplicate migrations for version ${version}\n- ${other.path}\n- ${path}`);
    }
    found.set(version, { version, name, up, path });
  }
  return [...found.values()]
    .map(({ version, name, up }) => ({ version, name, up }))
    .sort((a, b) => (BigInt(a.version) < BigInt(b.version) ? -1 : 1));
}

/** The texts of all seed files of a source, in lexical order of their paths. */
export function readSeeds(projectFolder: string, source: string): string[] {
  return filesBelow(join(projectFolder, 'seeds', source))
    .filter((path) => /\.(sql|SQL)$/.test(path))
    .sort()
    .map((path) => readFileSync(path, 'utf8'));
}

/** `<dir>/up.sql` is the file `<dir>.up.sql`; flat files of that name count, too. */
function migrationFiles(folder: string): { path: string; name: string }[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (!statSync(path).isDirectory()) return [{ path, name }];
    return readdirSync(path).map((inner) => ({ path: join(path, inner), name: `${name}.${inner}` }));
  });
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}
