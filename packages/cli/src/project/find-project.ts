import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { UserError } from '../user-error.ts';

/**
 * The folder with `config.yaml` that holds `start`, or is it.
 * @throws UserError when there is none
 */
export function findProject(start: string): string {
  const from = resolve(start);
  if (!existsSync(from)) throw new UserError("did not find required directory. use 'init'?");
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'config.yaml'))) return folder;
    if (dirname(folder) === folder) {
      throw new UserError(
        `validating current directory failed: cannot find [config.yaml] | search stopped: filesystem boundary hit. Go to a project, name it by --project, or make one by 'postern init'`,
      );
    }
  }
}
