// Holds the direction of imports between the folders of packages/engine/src (ARCHITECTURE.md, "code map").
//
//   node scripts/check-layers.mjs            checks the engine, prints file:line of every violation, exits 1 if there is one
//
// Three rules:
//   1. a folder imports only the folders that LAYERS lists for it; `type` after a name means: types only;
//   2. from another folder only its index.ts is imported, the other files are that folder's private matter;
//   3. every folder is in the table.
// Tests (*.test.ts) may import what they like.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const EVERYTHING_BELOW_SERVER = [
  'authentication',
  'catalog',
  'database',
  'execute',
  'graphql',
  'metadata',
  'model',
  'network',
  'permissions',
  'plan',
  'remote-queries',
  'remote-schemas',
  'schema',
  'sql',
  'webhook-transforms',
  'webhooks',
];

/** Folder → what it may import, besides itself and support/. */
export const LAYERS = {
  support: [],
  database: [],
  catalog: ['database'],
  metadata: ['database', 'catalog type', 'webhook-transforms'],
  permissions: ['metadata', 'catalog'],
  model: ['permissions', 'metadata', 'catalog', 'remote-schemas', 'webhooks'],
  graphql: [],
  schema: ['model', 'permissions', 'catalog type', 'remote-schemas'],
  plan: ['graphql', 'schema', 'model', 'permissions', 'catalog type'],
  sql: ['plan type', 'permissions type', 'catalog type'],
  execute: ['sql', 'database', 'plan type', 'permissions type', 'authentication type'],
  authentication: ['webhooks'],
  network: [],
  metrics: [],
  tracing: ['webhooks', 'metadata type'],
  'saved-queries': ['graphql', 'schema', 'model type', 'metadata type'],
  redis: [],
  'response-cache': ['graphql', 'redis', 'database type', 'authentication type'],
  'api-limits': ['graphql', 'redis', 'metadata type', 'authentication type'],
  webhooks: ['metadata'],
  'remote-schemas': ['metadata type', 'webhooks'],
  'remote-queries': [
    'remote-schemas',
    'webhooks',
    'model type',
    'plan type',
    'execute type',
    'authentication type',
  ],
  'webhook-transforms': [],
  'pg-dump': ['database'],
  'data-operations': EVERYTHING_BELOW_SERVER,
  runtime: [
    ...EVERYTHING_BELOW_SERVER,
    'actions',
    'data-operations',
    'permission-queries',
    'saved-queries',
    'api-limits',
    'redis',
    'response-cache',
  ],
  'permission-queries': EVERYTHING_BELOW_SERVER,
  subscriptions: EVERYTHING_BELOW_SERVER,
  actions: EVERYTHING_BELOW_SERVER,
  events: EVERYTHING_BELOW_SERVER,
  server: [
    ...EVERYTHING_BELOW_SERVER,
    'runtime',
    'subscriptions',
    'pg-dump',
    'actions',
    'events',
    'metrics',
    'tracing',
  ],
};

/**
 * Every import below `root` (…/src) that breaks a rule.
 * @param {string} root
 * @param {Record<string, readonly string[]>} layers
 * @returns {{ file: string, line: number, problem: string }[]} `file` is relative to `root`
 */
export function checkLayers(root, layers = LAYERS) {
  return sourceFiles(root).flatMap((file) =>
    importsOf(readFileSync(file, 'utf8')).flatMap(({ specifier, line, typesOnly }) => {
      const problem = specifier.startsWith('.')
        ? problemOf(root, file, resolve(dirname(file), specifier), typesOnly, layers)
        : null;
      return problem === null ? [] : [{ file: relative(root, file), line, problem }];
    }),
  );
}

function problemOf(root, from, to, typesOnly, layers) {
  const folder = folderOf(root, from);
  const target = folderOf(root, to);
  // files directly in src/ put the engine together; they may use every folder, but no folder uses them
  if (folder === target) return null;
  if (target === null) return 'a folder does not import the files of src/ that put it together';
  if (target.startsWith('..')) return `imports a file outside of the engine (${target})`;
  if (relative(join(root, target), to) !== 'index.ts') {
    return `imports a private file of ${target}/; only ${target}/index.ts is for others`;
  }
  if (folder === null || target === 'support') return null;
  const allowed = layers[folder];
  if (allowed === undefined) return `${folder}/ is not in the table of scripts/check-layers.mjs`;
  if (allowed.includes(target) || (typesOnly && allowed.includes(`${target} type`))) return null;
  if (allowed.includes(`${target} type`))
    return `${folder}/ may import types of ${target}/ only (import type …)`;
  return `${folder}/ may not import ${target}/`;
}

/** The first folder below root, null for a file directly in it, '..' for outside. */
function folderOf(root, file) {
  const parts = relative(root, file).split(sep);
  return parts.length === 1 ? null : parts[0];
}

function sourceFiles(folder) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return sourceFiles(path);
    return /\.ts$/.test(name) && !/\.test(-d)?\.ts$/.test(name) ? [path] : [];
  });
}

/** @returns {{ specifier: string, line: number, typesOnly: boolean }[]} */
export function importsOf(text) {
  const code = blankComments(text);
  const statement =
    /\b(?:import|export)\b(\s+type\b)?\s*([\w$*\s,{}]*?)\s*(?:\bfrom\s*)?(['"])([^'"\n]+)\3|\bimport\s*\(\s*(['"])([^'"\n]+)\5/g;
  return [...code.matchAll(statement)].map((match) => ({
    specifier: match[4] ?? match[6],
    line: code.slice(0, match.index).split('\n').length,
    typesOnly: match[1] !== undefined || namesOnlyTypes(match[2]),
  }));
}

/** `{ type A, type B }` */
function namesOnlyTypes(clause) {
  const names = /^\{([^}]*)\}$/.exec((clause ?? '').trim())?.[1];
  if (names === undefined) return false;
  const list = names
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  return list.length > 0 && list.every((name) => name.startsWith('type '));
}

/** Comments become spaces, so that line numbers stay. Strings are left alone, also those that hold `//`. */
function blankComments(text) {
  const piece = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`/g;
  return text.replace(piece, (found) => (found.startsWith('/') ? found.replace(/[^\n]/g, ' ') : found));
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const repository = dirname(dirname(fileURLToPath(import.meta.url)));
  const root = join(repository, 'packages', 'engine', 'src');
  const violations = checkLayers(root);
  for (const { file, line, problem } of violations) {
    console.error(`${relative(repository, join(root, file))}:${line}  ${problem}`);
  }
  console.log(
    violations.length === 0
      ? 'layers: every import points the right way'
      : `layers: ${violations.length} imports point the wrong way`,
  );
  process.exitCode = violations.length === 0 ? 0 : 1;
}
