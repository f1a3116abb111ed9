#!/usr/bin/env node
// npm run bench                 the read workloads against the floors and rivals; the table goes to bench/results/
// npm run bench -- --seconds 2  further options go to the yardstick's runner (see its README)
// npm run bench -- metadata     how long and how much memory 5,000 tables x 11 roles take (bench/metadata.ts)
// npm run bench -- subscriptions  what 1,000 live queries cost while nothing changes (bench/subscriptions.ts)
// npm run bench -- driver       the database driver against a minimal wire client (bench/driver.ts)
// npm run bench -- events       events of event triggers per second (bench/events.ts)
//
// The yardstick (../shared/bench) is read from there; since it may not be writable, it is copied into .postern/bench and installed once.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const yardstick = process.env.POSTERN_BENCH_DIR ?? join(root, '..', 'shared', 'bench');
const copy = join(root, '.postern', 'bench');
const [first, ...rest] = process.argv.slice(2);

if (['metadata', 'driver', 'subscriptions'].includes(first) || first === 'events') {
  process.exit(run(process.execPath, ['--import', 'tsx', join(root, 'bench', `${first}.ts`), ...rest], root));
}
if (!existsSync(yardstick)) {
  console.error(`The workloads are not here: ${yardstick} does not exist (set POSTERN_BENCH_DIR).`);
  process.exit(1);
}
prepare();
const json = join(root, '.postern', 'bench-result.json');
const given = process.argv.slice(2);
const option = (name, fallback) => (given.includes(`--${name}`) ? [] : [`--${name}`, fallback]);
const status = run(
  process.execPath,
  [
    join(copy, 'run.mjs'),
    '--target',
    `postern=${join(root, 'bin', 'postern')} serve`,
    ...option('targets', 'p1,p3,p4,p4-raw,p5'),
    ...option('workloads', 'W1,W2,W3,W4,W5,W6,WI'),
    ...option('seconds', '4'),
    ...option('rounds', '3'),
    '--json',
    json,
    ...given,
  ],
  root,
  (output) => {
    if (given.includes('--verify-only')) return;
    mkdirSync(join(root, 'bench', 'results'), { recursive: true });
    const commit = spawnSync('git', ['rev-parse', '--short', 'HEAD'], {
      cwd: root,
      encoding: 'utf8',
    }).stdout.trim();
    const day = new Date().toISOString().slice(0, 10);
    const machine = `${cpus()[0]?.model.trim() ?? 'unknown processor'} x ${cpus().length}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
    const file = join(root, 'bench', 'results', `${day}-${commit}.md`);
    writeFileSync(
      file,
      `# ${day}, commit ${commit}\n\n${machine}\n\nCommand: \`npm run bench${given.length ? ` -- ${given.join(' ')}` : ''}\`\n\n${output.trim()}\n`,
    );
    console.error(`written: ${file}`);
  },
);
process.exit(status);

/** Copies and installs the yardstick when it is new or has changed. */
function prepare() {
  const lock = readFileSync(join(yardstick, 'package-lock.json'));
  const version = createHash('sha256')
    .update(lock)
    .update(readFileSync(join(yardstick, 'run.mjs')))
    .digest('hex');
  const stamp = join(copy, '.installed');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === version) return;
  console.error('Copying and installing the workloads (once) …');
  cpSync(yardstick, copy, { recursive: true, filter: (path) => !path.includes('node_modules') });
  if (
    run('chmod', ['-R', 'u+w', copy], root) !== 0 ||
    run('npm', ['ci', '--no-audit', '--no-fund'], copy) !== 0
  )
    process.exit(1);
  writeFileSync(stamp, version);
}

/** Runs a command; with `onOutput` its standard output is shown and handed over. */
function run(command, args, cwd, onOutput) {
  const result = spawnSync(command, args, {
    cwd,
    stdio: onOutput ? ['ignore', 'pipe', 'inherit'] : 'inherit',
    encoding: 'utf8',
    maxBuffer: 64 * 2 ** 20,
  });
  if (onOutput) {
    process.stdout.write(result.stdout);
    if (result.status === 0) onOutput(result.stdout);
  }
  return result.status ?? 1;
}
