import type { CommandContext } from '../command.ts';
import { applyMetadata, reloadMetadata } from '../metadata-commands/index.ts';
import { applyPending } from '../migrations/index.ts';
import { applySeeds } from '../seeds/index.ts';
import { fetchMetadata, isSet, type Session, sourcesOf } from '../session/index.ts';
import { UserError } from '../user-error.ts';

/**
 * Metadata, migrations, metadata again: the first time connects the databases that the migrations are for, the second fits what they have made.
 * Source: spec/cli.md 5.5.
 */
export async function runDeploy(session: Session, { options }: CommandContext): Promise<void> {
  try {
    await deployProject(session);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(`operation failed: ${error.message}`, { cause: error });
  }
  if (isSet(options, 'withSeeds')) await plantSeeds(session);
}

async function deployProject(session: Session): Promise<void> {
  await applyMetadata(session);
  await applyPending(session);
  await applyMetadata(session);
  await reloadMetadata(session);
}

/** A failure is told, and the command succeeds nevertheless. */
async function plantSeeds(session: Session): Promise<void> {
  try {
    await applySeeds(session, sourcesOf(await fetchMetadata(session)), [], true);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    session.terminal.log.error(`applying seeds failed: ${error.message}`);
  }
}
