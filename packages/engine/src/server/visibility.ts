import type { Session } from '../authentication/index.ts';
import type { ServeConfiguration } from './configuration/index.ts';

/** Who sees the `internal` member of errors. Source: spec/server.md 3.1. */
export function showsInternal(
  session: Session | null,
  configuration: Pick<ServeConfiguration, 'devMode' | 'adminInternalErrors'>,
): boolean {
  return configuration.devMode || (session?.isAdmin === true && configuration.adminInternalErrors);
}
