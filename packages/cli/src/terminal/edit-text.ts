import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf, UserError } from '../user-error.ts';

/**
 * What the user makes of the text in the editor.
 * @throws UserError when the editor ends with an error
 */
export function editText(text: string, extension: string): string {
  const editor = process.env['VISUAL'] || process.env['EDITOR'] || 'vi';
  const folder = mkdtempSync(join(tmpdir(), 'postern-edit-'));
  const path = join(folder, `text${extension}`);
  try {
    writeFileSync(path, text);
    // the variable may hold options, as in `code --wait`
    const { status, error } = spawnSync('/bin/sh', ['-c', `${editor} "$0"`, path], { stdio: 'inherit' });
    if (status !== 0)
      throw new UserError(
        `the editor (${editor}) failed${error === undefined ? '' : `: ${messageOf(error)}`}`,
      );
    return readFileSync(path, 'utf8');
  } finally {
    rmSync(folder, { recursive: true });
  }
}
