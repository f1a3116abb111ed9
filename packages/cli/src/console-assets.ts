import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ServeConfiguration } from '@postern/engine/server';

/** Points the engine to the console that was built in the clone, if the console is wanted and no other folder is named. */
export function withBuiltConsole(configuration: ServeConfiguration, repository: string): ServeConfiguration {
  const folder = join(repository, 'packages', 'console', 'dist');
  const isMissing = configuration.enableConsole && configuration.consoleAssetsDir === null;
  return isMissing && existsSync(join(folder, 'index.html'))
    ? { ...configuration, consoleAssetsDir: folder }
    : configuration;
}
