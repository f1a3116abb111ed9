import { closeSync, openSync, readSync, realpathSync } from 'node:fs';
import { isAbsolute, normalize, sep } from 'node:path';
import { Path, RequestError } from '../support/index.ts';

const maximumBytes = 64 * 1024;

/**
 * What stands in a file that metadata names, without white space around it. Source: spec/metadata-api.md 2.2, `dynamic_from_file`.
 * @param allowedPrefix the folder (or file) that whoever runs the engine allows; null: none
 * @throws RequestError `permission-error` beyond of it, `not-found` when it cannot be read
 */
export function readSecretFile(path: string, allowedPrefix: string | null): string {
  if (allowedPrefix === null || !isWithin(path, allowedPrefix)) {
    throw new RequestError(
      'permission-error',
      Path.root,
      `the file "${path}" is not below the path that HASURA_GRAPHQL_DYNAMIC_SECRETS_ALLOWED_PATH_PREFIX allows`,
    );
  }
  try {
    return readBeginning(path);
  } catch (cause) {
    throw new RequestError('not-found', Path.root, `the file "${path}" cannot be read`, { cause });
  }
}

/** As written, and where links lead: a link within the folder may point to another file of it, as those of Kubernetes do, not out of it. */
function isWithin(path: string, prefix: string): boolean {
  if (!isAbsolute(path) || !isBelow(normalize(path), normalize(prefix))) return false;
  try {
    return isBelow(realpathSync(path), realpathSync(prefix));
  } catch {
    return true; // there is no such file, which reading it will tell
  }
}

function isBelow(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(prefix.endsWith(sep) ? prefix : prefix + sep);
}

function readBeginning(path: string): string {
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(maximumBytes);
    return buffer.toString('utf8', 0, readSync(file, buffer, 0, maximumBytes, 0)).trim();
  } finally {
    closeSync(file);
  }
}
