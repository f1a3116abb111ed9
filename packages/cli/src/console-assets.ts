import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The variable that points the engine to the console, if it has been built. Comes before the user's environment, so that theirs counts. */
export function consoleAssets(repository: string): Record<string, string> {
  const folder = join(repository, 'packages', 'console', 'dist');
  return existsSync(join(folder, 'index.html')) ? { HASURA_GRAPHQL_CONSOLE_ASSETS_DIR: folder } : {};
}
