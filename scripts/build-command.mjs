// Bundles packages/cli/src/main.ts with the engine into one file, so that `postern serve` starts quickly and without node_modules.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { commandBundle, repository } from './set-up.mjs';

const { outputFiles } = await build({
  entryPoints: [join(repository, 'packages', 'cli', 'src', 'main.ts')],
  outfile: commandBundle,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  sourcemap: 'linked',
  // stack traces name files and lines; the sources lie beside the bundle
  sourcesContent: false,
  write: false,
  logLevel: 'warning',
  // optional native parts of ws
  external: ['bufferutil', 'utf-8-validate'],
  // CommonJS packages in the bundle call require() for Node's own modules
  banner: {
    js: "import { createRequire as postern$createRequire } from 'node:module'; const require = postern$createRequire(import.meta.url);",
  },
});

// Written beside and renamed: another process may be starting from the old bundle at this moment. The map goes first.
mkdirSync(dirname(commandBundle), { recursive: true });
for (const { path, contents } of outputFiles.sort((a, b) => b.path.length - a.path.length)) {
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, contents);
  renameSync(temporary, path);
}
