import { fetchMetadata, type Session, sourcesOf, takesSql } from '../session/index.ts';
import { applyMigrations } from './apply-migrations.ts';

/**
 * Applies what is not recorded yet to every database of the server that takes SQL, as `migrate apply --all-databases` does.
 * @throws UserError that names the databases where something failed
 */
export async function applyPending(session: Session): Promise<void> {
  const sources = sourcesOf(await fetchMetadata(session)).filter(takesSql);
  await applyMigrations(
    session,
    sources,
    { request: { kind: 'up', limit: null }, isSkipped: false, isDry: false, copiesOld: true },
    true,
  );
}
