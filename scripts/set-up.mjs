// Gets a clone ready to run: dependencies, the bundle of the command, the console. Each part is done only where it is missing or out of date.
// No dependencies, because it is what installs them.
import { spawn } from 'node:child_process';
import {
  accessSync,
  constants,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { step } from './progress.mjs';

export const repository = dirname(dirname(fileURLToPath(import.meta.url)));
export const commandBundle = join(repository, 'packages', 'cli', 'dist', 'postern.mjs');
export const consoleFolder = join(repository, 'packages', 'console', 'dist');

const LAST_LINES_OF_OUTPUT = 40;

/** Installs what package-lock.json asks for, unless it is there already. */
export async function ensureInstalled() {
  if (isInstalled()) return;
  await step('Installing dependencies (once, about a minute)', async () => {
    const cache = isWritable(homedir()) ? null : mkdtempSync(join(tmpdir(), 'postern-npm-'));
    try {
      // No package needs its install script, and none of them may run one. Development dependencies are part of running from source.
      await run(
        'npm',
        [
          'ci',
          '--ignore-scripts',
          '--include=dev',
          '--include=optional',
          '--no-audit',
          '--no-fund',
          '--loglevel=error',
        ],
        cache === null ? {} : { npm_config_cache: cache },
      );
    } finally {
      if (cache !== null) rmSync(cache, { recursive: true, force: true });
    }
  });
}

/** Bundles the command (the engine is inside) when a source file is newer than the bundle. */
export async function ensureCommandBuilt() {
  const inputs = [
    ...['packages/engine/src', 'packages/cli/src', 'scripts/build-command.mjs', 'package-lock.json'].map(
      (path) => join(repository, path),
    ),
  ];
  if (existsSync(commandBundle) && !inputs.some((path) => isNewer(path, statSync(commandBundle).mtimeMs)))
    return;
  await ensureInstalled();
  await step('Building the command', () =>
    run(process.execPath, [join(repository, 'scripts', 'build-command.mjs')]),
  );
}

/** Builds the console with vite when one of its files is newer than what was built. */
export async function ensureConsoleBuilt() {
  const page = join(consoleFolder, 'index.html');
  const source = join(repository, 'packages', 'console');
  const inputs = ['src', 'index.html', 'vite.config.ts', 'package.json'].map((path) => join(source, path));
  if (existsSync(page) && !inputs.some((path) => isNewer(path, statSync(page).mtimeMs))) return;
  await ensureInstalled();
  const vite = join(repository, 'node_modules', 'vite', 'bin', 'vite.js');
  await step('Building the console', () =>
    run(process.execPath, [vite, 'build', '--logLevel', 'warn'], {}, source),
  );
}

/**
 * Runs a program to its end; shows its output only if it fails.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {Record<string, string>} [env]
 * @param {string} [cwd]
 */
export function run(command, args, env = {}, cwd = repository) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const keep = (chunk) => {
      output = (output + chunk).split('\n').slice(-LAST_LINES_OF_OUTPUT).join('\n');
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`${command} ${args.join(' ')} failed (${signal ?? code})\n${output.trim()}`));
    });
  });
}

/** npm keeps a lock file of what it has put into node_modules; optional packages of other platforms are rightly missing there. */
function isInstalled() {
  const installed = join(repository, 'node_modules', '.package-lock.json');
  if (!existsSync(installed)) return false;
  const wanted = JSON.parse(readFileSync(join(repository, 'package-lock.json'), 'utf8')).packages;
  const present = JSON.parse(readFileSync(installed, 'utf8')).packages;
  return Object.entries(wanted).every(
    ([path, entry]) =>
      !path.startsWith('node_modules/') ||
      entry.optional ||
      entry.link ||
      present[path]?.version === entry.version,
  );
}

/** Is this file, or one below this folder, newer than the given time? Tests do not count. */
function isNewer(path, timeMs) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return false;
  if (!stat.isDirectory()) return stat.mtimeMs > timeMs && !/\.test\.ts$/.test(path);
  return readdirSync(path).some((name) => isNewer(join(path, name), timeMs));
}

function isWritable(folder) {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
