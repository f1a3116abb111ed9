import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { checkLayers, checkMap, checkTable, importsOf } from './check-layers.mjs';

const roots = [];
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true });
});

/** Writes the files into a new folder and gives the violations as `file:line problem`. */
function check(files) {
  return checkLayers(tree(files)).map(({ file, line, problem }) => `${file}:${line} ${problem}`);
}

/** A new folder with the files. */
function tree(files) {
  const root = mkdtempSync(join(tmpdir(), 'postern-layers-'));
  roots.push(root);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

test('imports that the table lists are fine', () => {
  expect(
    check({
      'plan/plan.ts': `import { parse } from '../graphql/index.ts';\nimport type { Catalog } from '../catalog/index.ts';\nimport { a } from './a.ts';`,
      'sql/render.ts': `import { type Plan, type Table } from '../plan/index.ts';`,
      'index.ts': `export { serve } from './server/index.ts';`,
      'catalog/read.ts': `import { unreachable } from '../support/index.ts';\nimport postgres from 'postgres';`,
    }),
  ).toEqual([]);
});

test('any other import is found with its line', () => {
  expect(
    check({
      'plan/plan.ts': `// a comment\n/* import { x } from '../server/index.ts' */\nimport { Statement } from '../sql/index.ts';`,
      'catalog/read.ts': `const m = await import('../model/index.ts');`,
      'graphql/parse.ts': `import {\n  a,\n  b,\n} from '../schema/index.ts';`,
    }),
  ).toEqual([
    'catalog/read.ts:1 catalog/ may not import model/',
    'graphql/parse.ts:1 graphql/ may not import schema/',
    'plan/plan.ts:3 plan/ may not import sql/',
  ]);
});

test('where only types are allowed, a value is refused', () => {
  expect(check({ 'sql/render.ts': `import { planQuery, type Plan } from '../plan/index.ts';` })).toEqual([
    'sql/render.ts:1 sql/ may import types of plan/ only (import type …)',
  ]);
});

test('private files of another folder are refused, even for types and for re-exports', () => {
  const problem = 'imports a private file of plan/; only plan/index.ts is for others';
  expect(
    check({
      'sql/a.ts': `import type { Plan } from '../plan/types.ts';`,
      'server/b.ts': `export * from '../plan/types.ts';`,
    }),
  ).toEqual([`server/b.ts:1 ${problem}`, `sql/a.ts:1 ${problem}`]);
});

test('a folder that the table does not know is refused', () => {
  expect(check({ 'helpers/a.ts': `import { b } from '../plan/index.ts';` })).toEqual([
    'helpers/a.ts:1 helpers/ is not in the table of scripts/check-layers.mjs',
  ]);
});

test('the table allows nothing that is not used, and no circles', () => {
  const root = tree({
    'a/x.ts': `import { b } from '../b/index.ts';`,
    'b/x.ts': `import { d } from '../d/index.ts';`,
    'c/x.ts': `import type { A } from '../a/index.ts';\nimport { d } from '../d/index.ts';\nimport type { D } from '../d/index.ts';`,
  });
  expect(checkTable(root, { d: [], b: ['d'], a: ['b'], c: ['a type', 'd'] })).toEqual([]);
  expect(checkTable(root, { d: [], a: ['b', 'd'], b: ['d'], c: ['a', 'd'] })).toEqual([
    'a/ lists b/, which does not stand above it',
    'a/ may import d/, but does not',
    'c/ needs only types of a/',
  ]);
});

test('every folder has one row in the code map', () => {
  const rows = '| `a/` | x |\n| `b/` | x |\n| `b/` | y |';
  expect(checkMap(rows, { a: [] })).toEqual([]);
  expect(checkMap(rows, { b: [], c: [] })).toEqual([
    'b/ has 2 rows in the code map of ARCHITECTURE.md',
    'c/ has 0 rows in the code map of ARCHITECTURE.md',
  ]);
});

test('tests may import what they like', () => {
  expect(check({ 'graphql/parse.test.ts': `import { serve } from '../server/routes.ts';` })).toEqual([]);
});

test('imports are told from strings and comments', () => {
  expect(
    importsOf(
      `import 'a';\nconst url = 'http://b'; export type { C } from "c";\n// import 'd'\nexport { e } from 'e'`,
    ),
  ).toEqual([
    { specifier: 'a', line: 1, typesOnly: false },
    { specifier: 'c', line: 2, typesOnly: true },
    { specifier: 'e', line: 4, typesOnly: false },
  ]);
});
