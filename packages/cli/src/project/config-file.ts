import { join } from 'node:path';
import { isMap, parseDocument } from 'yaml';
import {
  isMapping,
  type Mapping,
  mappingOf,
  NumberText,
  readYaml,
  type Value,
  writeYaml,
} from '../document/index.ts';
import { messageOf, UserError } from '../user-error.ts';
import { readText } from './read-text.ts';
import { writeFiles } from './write-files.ts';

/** Its keys. @throws UserError that names the file */
export function readConfigFile(path: string): Mapping {
  let value: Value;
  try {
    value = readYaml(readText(path));
  } catch (error) {
    throw new UserError(`cannot read config.yaml: ${path}: ${messageOf(error)}`, { cause: error });
  }
  if (value === null) return new Map();
  if (!isMapping(value)) throw new UserError(`cannot read config.yaml: ${path} is no mapping of keys`);
  return value;
}

/** The value of `actions.kind` in `{actions: {kind}}`; a list of secrets may be written as a list, too. */
export function member(file: Mapping, key: string): string | undefined {
  let value: Value | undefined = file;
  for (const part of key.split('.')) value = isMapping(value) ? value.get(part) : undefined;
  if (value === undefined || value === null || isMapping(value)) return undefined;
  if (value instanceof NumberText) return value.text;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** The text of a new project's config.yaml. */
export function newConfig(endpoint: string, secret: string | null): string {
  return writeYaml(
    mappingOf([
      ['version', new NumberText('3')],
      ['endpoint', endpoint],
      ['admin_secret', secret ?? undefined],
      ['metadata_directory', 'metadata'],
      [
        'actions',
        mappingOf([
          ['kind', 'synchronous'],
          ['handler_webhook_baseurl', 'http://localhost:3000'],
        ]),
      ],
    ]),
  );
}

/** Sets a key of config.yaml, for example `['actions', 'kind']`; comments and everything else stay. */
export function changeConfigFile(
  root: string,
  changes: readonly (readonly [readonly string[], string | number])[],
): void {
  const document = parseDocument(readText(join(root, 'config.yaml')));
  for (const [path, value] of changes) {
    path.slice(0, -1).forEach((_key, at) => {
      const above = path.slice(0, at + 1);
      // `actions:` with nothing behind it
      if (!isMap(document.getIn(above))) document.setIn(above, document.createNode({}));
    });
    document.setIn(path, value);
  }
  writeFiles(root, new Map([['config.yaml', document.toString({ lineWidth: 0 })]]));
}
