/**
 * What the commands on a project share: the project's configuration, the terminal, the client, the choice of databases.
 * In: a command's context. Out: a session. Promise: what the user can mend ends the command with a sentence and status 1.
 */
export {
  fetchMetadata,
  isSet,
  type Options,
  openConfig,
  type Session,
  text,
  texts,
  withSession,
  withTerminal,
} from './session.ts';
export { chooseSources, type Source, sourcesOf, takesSql } from './sources.ts';
