import type { CommandContext } from '../command.ts';
import { chooseSources, isSet, type Options, type Session, text } from '../session/index.ts';
import { UserError } from '../user-error.ts';
import { applyMigrations } from './apply-migrations.ts';
import type { ApplyRequest } from './plan-steps.ts';

/** `migrate apply`. The flags are looked at before the server is asked for anything. */
export async function runApply(session: Session, { options }: CommandContext): Promise<void> {
  const request = applyRequest(options);
  const isAll = isSet(options, 'allDatabases');
  const sources = await chooseSources(session, options, { what: 'migrations', allowsAll: true });
  await applyMigrations(
    session,
    sources,
    {
      request,
      isSkipped: isSet(options, 'skipExecution'),
      isDry: isSet(options, 'dryRun'),
      copiesOld: !isSet(options, 'disableAutoStateMigration'),
    },
    isAll || sources.length > 1,
  );
}

/** @throws UserError when the flags do not fit together. Source: spec/cli.md 5.3 */
function applyRequest(options: Options): ApplyRequest {
  const [up, down, version, goto] = ['up', 'down', 'version', 'goto'].map((name) => text(options, name));
  const given = [up, down, version, goto].filter((value) => value !== undefined);
  if (given.length > 1) {
    throw new UserError(
      'error validating flags: only one migration type can be applied at a time (--up, --down, --type or --goto)',
    );
  }
  const [isSkipped, isDry, isAll] = ['skipExecution', 'dryRun', 'allDatabases'].map((name) =>
    isSet(options, name),
  );
  if (isSkipped === true && isDry === true) {
    throw new UserError('both --skip-execution and --dry-run flags cannot be used together');
  }
  if (isSkipped === true && up === undefined && down === undefined && version === undefined) {
    throw new UserError('--skip-execution flag can be set only with --version, --up, --down flags');
  }
  if (isAll === true && isDry === true) {
    throw new UserError('both --all-databases and --dry-run flags cannot be used together');
  }
  if (isAll === true && (goto !== undefined || version !== undefined)) {
    throw new UserError('cannot use --goto or --version in conjunction with --all-databases');
  }
  if (text(options, 'type') !== undefined && version === undefined)
    throw new UserError('--type says the direction of --version; to roll back several use --down or --goto');
  const direction = text(options, 'type') ?? 'up';
  if (direction !== 'up' && direction !== 'down')
    throw new UserError(`invalid migration type ${direction}: use up or down`);
  if (up !== undefined) return { kind: 'up', limit: steps(up) };
  if (down !== undefined) return { kind: 'down', limit: steps(down) };
  if (goto !== undefined) return { kind: 'goto', version: checkedVersion(goto) };
  if (version !== undefined) return { kind: 'one', version: checkedVersion(version), direction };
  return { kind: 'up', limit: null };
}

function steps(given: string): number | null {
  if (given === 'all') return null;
  if (!/^[0-9]{1,9}$/.test(given)) throw new UserError(`not a valid input for steps/version: ${given}`);
  return Number(given);
}

/** @throws UserError when it is no number */
export function checkedVersion(given: string): string {
  if (!/^[0-9]+$/.test(given)) throw new UserError(`not a valid input for steps/version: ${given}`);
  return String(BigInt(given));
}
