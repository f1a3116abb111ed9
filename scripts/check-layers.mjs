// Holds the direction of imports between the folders of packages/engine/src (ARCHITECTURE.md, "code map").
//
//   node scripts/check-layers.mjs            checks the engine, prints file:line of every violation, exits 1 if there is one
//
// The rules:
//   1. a folder imports only the folders that LAYERS lists for it; `type` after a name means: types only;
//   2. from another folder only its index.ts is imported, the other files are that folder's private matter;
//   3. every folder is in the table, below all that it imports, and the table allows nothing that is not used;
//   4. every folder has its row in the code map.
// Tests (*.test.ts) may import what they like.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder → what it may import, besides itself and support/. Everything stands below what it imports, and lists nothing that it does not need. */
export const LAYERS = {
  support: [],
  database: [],
  graphql: [],
  network: [],
  metrics: [],
  redis: [],
  cron: [],
  'webhook-transforms': [],
  'pg-dump': ['database'],
  catalog: ['database'],
  metadata: ['database', 'cron', 'catalog type', 'webhook-transforms'],
  webhooks: ['metadata'],
  authentication: ['webhooks'],
  tracing: ['metadata type', 'webhooks'],
  events: ['metadata type', 'webhook-transforms', 'webhooks'],
  'api-limits': ['graphql', 'metadata type', 'redis type', 'authentication type'],
  'response-cache': ['database type', 'graphql', 'redis type', 'authentication type'],
  'remote-schemas': ['metadata type', 'webhooks'],
  permissions: ['catalog type', 'metadata'],
  model: ['catalog', 'metadata', 'webhooks', 'remote-schemas', 'permissions'],
  schema: ['catalog type', 'remote-schemas', 'permissions', 'model'],
  'saved-queries': ['graphql', 'metadata type', 'model type', 'schema type'],
  plan: ['graphql', 'catalog type', 'permissions', 'model type', 'schema'],
  sql: ['catalog type', 'permissions type', 'plan type'],
  execute: ['database', 'authentication type', 'permissions type', 'plan type', 'sql'],
  'remote-queries': [
    'webhooks',
    'authentication type',
    'remote-schemas',
    'model type',
    'plan type',
    'execute',
  ],
  actions: ['database type', 'webhook-transforms', 'webhooks', 'model', 'plan type', 'execute'],
  'event-triggers': ['database', 'cron', 'catalog', 'metadata', 'webhooks', 'events', 'model type'],
  'scheduled-triggers': ['database type', 'cron', 'metadata', 'webhooks', 'events', 'model type'],
  'data-operations': [
    'database type',
    'catalog',
    'metadata type',
    'authentication type',
    'permissions',
    'model type',
    'plan',
    'sql',
    'execute',
  ],
  'permission-queries': [
    'database type',
    'authentication',
    'permissions',
    'model type',
    'plan',
    'sql',
    'execute',
  ],
  subscriptions: ['database type'],
  runtime: [
    'database',
    'graphql',
    'network type',
    'redis',
    'webhook-transforms',
    'catalog',
    'metadata',
    'webhooks',
    'authentication type',
    'api-limits',
    'response-cache',
    'remote-schemas',
    'permissions',
    'model',
    'schema',
    'saved-queries',
    'plan',
    'sql',
    'execute',
    'remote-queries',
    'actions',
    'data-operations',
    'permission-queries',
    'events',
    'event-triggers',
    'scheduled-triggers',
  ],
  server: [
    'database type',
    'graphql',
    'network',
    'metrics',
    'pg-dump',
    'metadata',
    'webhooks',
    'authentication',
    'tracing',
    'subscriptions',
    'runtime',
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

/**
 * What is wrong with the table itself: what a folder lists without using it, lists more of than its types without need, or that does not stand above it.
 * @param {string} root
 * @param {Record<string, readonly string[]>} layers
 * @returns {string[]}
 */
export function checkTable(root, layers = LAYERS) {
  const used = usesOf(root);
  const folders = Object.keys(layers);
  return folders.flatMap((folder, place) =>
    layers[folder].flatMap((entry) => {
      const target = entry.replace(/ type$/, '');
      const position = folders.indexOf(target);
      if (position === -1 || position >= place)
        return [`${folder}/ lists ${target}/, which does not stand above it`];
      const use = used.get(`${folder} ${target}`);
      if (use === undefined) return [`${folder}/ may import ${target}/, but does not`];
      return entry === target && use === 'types' ? [`${folder}/ needs only types of ${target}/`] : [];
    }),
  );
}

/**
 * Folders of the table that do not have exactly one row in the code map.
 * @param {string} architecture the text of ARCHITECTURE.md
 * @param {Record<string, readonly string[]>} layers
 * @returns {string[]}
 */
export function checkMap(architecture, layers = LAYERS) {
  return Object.keys(layers).flatMap((folder) => {
    const rows = architecture.split('\n').filter((line) => line.startsWith(`| \`${folder}/\` |`)).length;
    return rows === 1 ? [] : [`${folder}/ has ${rows} rows in the code map of ARCHITECTURE.md`];
  });
}

/** `'folder target'` → whether the folder imports more than types of the other one. */
function usesOf(root) {
  const used = new Map();
  for (const file of sourceFiles(root)) {
    for (const { specifier, typesOnly } of importsOf(readFileSync(file, 'utf8'))) {
      if (!specifier.startsWith('.')) continue;
      const key = `${folderOf(root, file)} ${folderOf(root, resolve(dirname(file), specifier))}`;
      if (!typesOnly || !used.has(key)) used.set(key, typesOnly ? 'types' : 'values');
    }
  }
  return used;
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
  const faults = [
    ...checkTable(root),
    ...checkMap(readFileSync(join(repository, 'ARCHITECTURE.md'), 'utf8')),
  ];
  for (const fault of faults) console.error(`scripts/check-layers.mjs  ${fault}`);
  const wrong = violations.length + faults.length;
  console.log(
    wrong === 0
      ? 'layers: every import points the right way'
      : `layers: ${violations.length} imports point the wrong way, ${faults.length} rows of the tables are wrong`,
  );
  process.exitCode = wrong === 0 ? 0 : 1;
}
