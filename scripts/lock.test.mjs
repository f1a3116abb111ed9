import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const { packages } = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'));

/** A package is looked up as Node.js does: in the nearest node_modules, then further out. */
function isLocked(from, name) {
  for (let path = from; ; path = path.slice(0, path.lastIndexOf('/node_modules/'))) {
    const prefix = path === '' || !path.includes('node_modules/') ? '' : `${path}/`;
    if (packages[`${prefix}node_modules/${name}`] !== undefined) return true;
    if (from.startsWith('packages/') && packages[`${from}/node_modules/${name}`] !== undefined) return true;
    if (prefix === '') return false;
    if (!path.includes('/node_modules/')) return packages[`node_modules/${name}`] !== undefined;
  }
}

// `npm install` on one platform, or with a registry that lacks a package, leaves entries out silently; `npm ci` then refuses the whole lock.
test('the lock file names every package of every platform', () => {
  const missing = Object.entries(packages).flatMap(([path, { dependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies })
      .filter((name) => !isLocked(path, name))
      .map((name) => `${path} -> ${name}`),
  );
  expect(missing).toEqual([]);
});

test('the lock file names no registry', () => {
  const addresses = Object.values(packages).flatMap(({ resolved }) =>
    /^https?:/.test(resolved ?? '') ? [resolved] : [],
  );
  expect(addresses).toEqual([]);
});
