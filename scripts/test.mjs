// `npm test`, also on a fresh clone: installs what is missing, then runs vitest with the given arguments (`npm test -- plan`).
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ensureInstalled, repository } from './set-up.mjs';

await ensureInstalled();
const vitest = join(repository, 'node_modules', 'vitest', 'vitest.mjs');
const { status } = spawnSync(process.execPath, [vitest, 'run', ...process.argv.slice(2)], {
  cwd: repository,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
