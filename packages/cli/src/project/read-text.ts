import { readFileSync } from 'node:fs';
import { messageOf, UserError } from '../user-error.ts';

/**
 * The text of a file in UTF-8, without the byte order mark that some editors begin it with.
 * Other encodings are refused: their signs would go to a database as replacement characters, and nobody would notice.
 * @throws UserError that names the file
 */
export function readText(path: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const problem = messageOf(error);
    // the system names the file in most of its messages
    throw new UserError(problem.includes(path) ? problem : `${path}: ${problem}`, { cause: error });
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new UserError(`${path} is not UTF-8; save it in that encoding`, { cause: error });
  }
}
