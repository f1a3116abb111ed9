import {
  compareVersions,
  type Direction,
  type MigrationFile,
  type MigrationFiles,
} from '../project/index.ts';
import { UserError } from '../user-error.ts';

/** What `migrate apply` is asked to do. `limit`: null for all. */
export type ApplyRequest =
  | { readonly kind: 'up' | 'down'; readonly limit: number | null }
  | { readonly kind: 'goto'; readonly version: string }
  | { readonly kind: 'one'; readonly version: string; readonly direction: Direction };

export type Step = {
  readonly version: string;
  readonly name: string;
  readonly direction: Direction;
  /** Null: only the record changes. */
  readonly file: MigrationFile | null;
};

export type StepPlan = {
  readonly steps: readonly Step[];
  /** So many more were asked for than there are. */
  readonly shortBy: number;
};

/**
 * The steps from what is recorded to what is asked for, in their order. `isSkipped`: nothing is run, so no file is needed. Source: spec/cli.md 5.3.
 * @throws UserError when a file that a step needs is not there; nothing has been done then
 */
export function planSteps(
  request: ApplyRequest,
  files: readonly MigrationFiles[],
  recorded: readonly string[],
  isSkipped: boolean,
): StepPlan {
  const known = new Map(files.map((each) => [each.version, each]));
  const done = new Set(recorded);
  const up = (version: string): Step => stepOf(version, 'up', known, isSkipped);
  const down = (version: string): Step => stepOf(version, 'down', known, isSkipped);
  const pending = files
    .filter(({ version, up: file }) => file !== null && !done.has(version))
    .map((each) => each.version);
  const newestFirst = [...recorded].sort((a, b) => compareVersions(b, a));
  switch (request.kind) {
    case 'up':
      return limited(pending, request.limit, up);
    case 'down':
      return limited(newestFirst, request.limit, down);
    case 'goto': {
      const { version } = request;
      if (!known.has(version) && !done.has(version)) {
        throw new UserError(`migration with version ${version} is neither in the project nor applied`);
      }
      const newest = newestFirst[0];
      const steps =
        newest === undefined || compareVersions(newest, version) <= 0
          ? pending.filter((each) => compareVersions(each, version) <= 0).map(up)
          : newestFirst.filter((each) => compareVersions(each, version) > 0).map(down);
      return { steps, shortBy: 0 };
    }
    case 'one': {
      const { version, direction } = request;
      if (direction === 'up' && done.has(version)) throw new UserError('Version already applied in database');
      if (direction === 'down' && !done.has(version))
        throw new UserError('Migration not applied in database');
      return { steps: [stepOf(version, direction, known, isSkipped && known.has(version))], shortBy: 0 };
    }
  }
}

function limited(
  versions: readonly string[],
  limit: number | null,
  step: (version: string) => Step,
): StepPlan {
  const chosen = limit === null ? versions : versions.slice(0, limit);
  return { steps: chosen.map(step), shortBy: limit === null ? 0 : limit - chosen.length };
}

function stepOf(
  version: string,
  direction: Direction,
  known: ReadonlyMap<string, MigrationFiles>,
  isSkipped: boolean,
): Step {
  const files = known.get(version);
  const file = files?.[direction] ?? null;
  if (file === null && !isSkipped) throw new UserError(`${version} ${direction} migration not found`);
  return { version, name: files?.name ?? '-', direction, file: isSkipped ? null : file };
}
