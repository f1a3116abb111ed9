import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { listMigrations, readMigration } from './migration-files.ts';
import { readText } from './read-text.ts';
import { listSeeds } from './seed-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'postern-text-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: Buffer | string): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

test('a text is read without the mark that some editors begin it with', () => {
  expect(readText(file('mark.sql', '\ufeffselect 1;\r\n'))).toBe('select 1;\r\n');
});

test('a file in another encoding is refused instead of being changed, and a folder named', () => {
  const latin = file('1_latin.sql', Buffer.from("select 'caf\u00e9'", 'latin1'));
  expect(() => readText(latin)).toThrow(`${latin} is not UTF-8; save it in that encoding`);
  expect(() => listSeeds(folder)).toThrow(`${latin} is not UTF-8`);
  mkdirSync(join(folder, '2_a', 'up.sql'), { recursive: true });
  expect(() => listMigrations(folder)).toThrow(`${join(folder, '2_a', 'up.sql')}: EISDIR`);
  rmSync(join(folder, '2_a'), { recursive: true });
});

test('a migration is read in the same way', () => {
  mkdirSync(join(folder, '3_b'));
  file('3_b/up.sql', '\ufeffselect 3;');
  file('3_b/down.sql', '\ufeff');
  const [migration] = listMigrations(folder);
  expect(migration?.down).toBeNull();
  expect(migration?.up && readMigration(migration.up)).toBe('select 3;');
});
