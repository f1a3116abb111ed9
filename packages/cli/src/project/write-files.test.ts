import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeFiles } from './write-files.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'postern-write-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const inFolder = (name: string): string => join(folder, name);

function all(): string[] {
  return readdirSync(folder, { recursive: true }).map(String).sort();
}

test('new and changed files are written, others left alone', () => {
  writeFileSync(inFolder('same.yaml'), 'a\n');
  writeFileSync(inFolder('old.yaml'), 'b\n');
  chmodSync(inFolder('old.yaml'), 0o600);
  const before = statSync(inFolder('same.yaml')).mtimeMs;
  const files = { 'same.yaml': 'a\n', 'old.yaml': 'c\n', 'below/deep/new.yaml': 'd\n' };
  expect(writeFiles(folder, new Map(Object.entries(files)))).toEqual(['old.yaml', 'below/deep/new.yaml']);
  expect(all()).toEqual(['below', 'below/deep', 'below/deep/new.yaml', 'old.yaml', 'same.yaml']);
  for (const [name, text] of Object.entries(files)) expect(readFileSync(inFolder(name), 'utf8')).toBe(text);
  expect(statSync(inFolder('same.yaml')).mtimeMs).toBe(before);
  expect(statSync(inFolder('old.yaml')).mode & 0o777).toBe(0o600);
});

test('a link stays a link, and what it leads to is written', () => {
  mkdirSync(inFolder('elsewhere'));
  writeFileSync(inFolder('elsewhere/a.yaml'), 'old\n');
  symlinkSync('elsewhere/a.yaml', inFolder('a.yaml'));
  writeFiles(folder, new Map([['a.yaml', 'new\n']]));
  expect(readFileSync(inFolder('elsewhere/a.yaml'), 'utf8')).toBe('new\n');
  expect(all()).toEqual(['a.yaml', 'elsewhere', 'elsewhere/a.yaml']);
});

test('where one file cannot be written, none is, and nothing is left over', () => {
  writeFileSync(inFolder('a.yaml'), 'old\n');
  writeFileSync(inFolder('taken'), 'a file where a folder should be\n');
  const files = new Map([
    ['a.yaml', 'new\n'],
    ['below/b.yaml', 'new\n'],
    ['taken/c.yaml', 'new\n'],
  ]);
  expect(() => writeFiles(folder, files)).toThrow(
    /taken\/c\.yaml cannot be written: .*\. No file was changed$/s,
  );
  expect(all()).toEqual(['a.yaml', 'taken']);
  expect(readFileSync(inFolder('a.yaml'), 'utf8')).toBe('old\n');
});

test('what was replaced already comes back when a later file cannot be', () => {
  writeFileSync(inFolder('a.yaml'), 'old\n');
  // each of the texts can be written, but in the end `c` cannot be a file and a folder
  const files = new Map([
    ['a.yaml', 'new\n'],
    ['b.yaml', 'new\n'],
    ['c', 'new\n'],
    ['c/d.yaml', 'new\n'],
  ]);
  expect(() => writeFiles(folder, files)).toThrow('No file was changed');
  expect(all()).toEqual(['a.yaml']);
  expect(readFileSync(inFolder('a.yaml'), 'utf8')).toBe('old\n');
});
