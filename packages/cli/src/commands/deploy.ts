import type { Command } from '../command.ts';
import {
  fetchMetadata,
  isSet,
  type Session,
  serverOptions,
  sourcesOf,
  takesSql,
  withSession,
} from '../session/index.ts';
import { UserError } from '../user-error.ts';

/** Metadata, migrations, metadata again, as the second needs the databases that the first connects. Source: spec/cli.md 5.5. */
export const deploy: Command = {
  name: 'deploy',
  summary: 'Apply metadata and migrations of all databases',
  options: [
    ...serverOptions,
    { flags: '--with-seeds', description: 'and the seeds' },
    { flags: '--no-transaction', description: 'run migrations outside of a transaction' },
  ],
  passesArgumentsThrough: false,
  run: (context) =>
    withSession(context, async (session) => {
      try {
        await deployProject(session);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        throw new UserError(`operation failed: ${error.message}`, { cause: error });
      }
      if (isSet(context.options, 'withSeeds')) await plantSeeds(session);
    }),
};

async function deployProject(session: Session): Promise<void> {
  const { applyMetadata, reloadMetadata } = await import('../metadata-commands/index.ts');
  const { applyMigrations } = await import('../migrations/index.ts');
  await applyMetadata(session);
  const sources = sourcesOf(await fetchMetadata(session)).filter(takesSql);
  await applyMigrations(
    session,
    sources,
    { request: { kind: 'up', limit: null }, isSkipped: false, isDry: false, copiesOld: true },
    true,
  );
  await applyMetadata(session);
  await reloadMetadata(session);
}

/** A failure is told, and the command succeeds nevertheless. */
async function plantSeeds(session: Session): Promise<void> {
  const { applySeeds } = await import('../seeds/index.ts');
  try {
    await applySeeds(session, sourcesOf(await fetchMetadata(session)), [], true);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    session.terminal.log.error(`applying seeds failed: ${error.message}`);
  }
}
