import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readSecretFile } from './secret-file.ts';

let folder: string;
let secrets: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'postern-secrets-'));
  secrets = join(folder, 'secrets');
  mkdirSync(join(secrets, 'data'), { recursive: true });
  mkdirSync(join(folder, 'secrets-of-others'));
  writeFileSync(join(secrets, 'data', 'url'), '\n postgres://u:p@h/d\n');
  writeFileSync(join(folder, 'secrets-of-others', 'url'), 'no');
  symlinkSync(join('data', 'url'), join(secrets, 'url'));
  symlinkSync(join(folder, 'secrets-of-others', 'url'), join(secrets, 'out'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('a file below the prefix is read, through links that stay there', () => {
  for (const prefix of [secrets, `${secrets}/`, folder])
    expect(readSecretFile(join(secrets, 'url'), prefix)).toBe('postgres://u:p@h/d');
  expect(readSecretFile(join(secrets, 'data', 'url'), join(secrets, 'data', 'url'))).toBe(
    'postgres://u:p@h/d',
  );
});

test('no other file is read', () => {
  const refused = [
    join(folder, 'secrets-of-others', 'url'),
    join(secrets, 'out'),
    `${secrets}/../secrets-of-others/url`,
    'url',
    '/etc/passwd',
  ];
  for (const path of refused)
    expect(() => readSecretFile(path, secrets), path).toThrow('ALLOWED_PATH_PREFIX allows');
  expect(() => readSecretFile(join(secrets, 'url'), null)).toThrow('ALLOWED_PATH_PREFIX allows');
  expect(() => readSecretFile(join(secrets, 'missing'), secrets)).toThrow('cannot be read');
});
