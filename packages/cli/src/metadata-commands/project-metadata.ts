import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { isMapping, type Mapping, readJson, readYaml, writeJson } from '../document/index.ts';
import {
  exportMetadata,
  metadataYaml,
  type ProjectConfig,
  readMetadataFolder,
  writeFiles,
} from '../project/index.ts';
import type { Session } from '../session/index.ts';
import { messageOf, UserError } from '../user-error.ts';

/** The metadata of the project: its folder, or its one file. @throws UserError that names the file */
export function readProjectMetadata({ metadataFile, metadataFolder, root }: ProjectConfig): Mapping {
  if (metadataFile === null) return readMetadataFolder(metadataFolder, root);
  if (!existsSync(metadataFile))
    throw new UserError(`${metadataFile} does not exist; 'postern metadata export' makes it`);
  try {
    const text = readFileSync(metadataFile, 'utf8');
    const value = metadataFile.endsWith('.json') ? readJson(text) : readYaml(text);
    if (isMapping(value)) return value;
  } catch (error) {
    throw new UserError(`${metadataFile}: ${messageOf(error)}`, { cause: error });
  }
  throw new UserError(`${metadataFile}: a mapping of keys is expected`);
}

/** Writes the server's metadata into the project. Nothing is written when something in it cannot be. */
export function writeProjectMetadata({ config, terminal }: Session, metadata: Mapping): void {
  const { metadataFile, metadataFolder } = config;
  if (metadataFile !== null) {
    writeFileSync(metadataFile, metadataText(metadata, metadataFile.endsWith('.json') ? 'json' : 'yaml'));
    return;
  }
  const { files, warnings } = exportMetadata(metadata);
  const written = writeFiles(metadataFolder, files);
  for (const warning of warnings) terminal.log.warn(warning);
  terminal.log.debug(`${written.length} of ${files.size} files have changed`);
}

export type OutputFormat = 'json' | 'yaml';

export function metadataText(metadata: Mapping, format: OutputFormat): string {
  return format === 'json' ? `${writeJson(metadata, 2)}\n` : metadataYaml(metadata);
}

/** @throws UserError for another format */
export function outputFormat(text: string): OutputFormat {
  if (text === 'json' || text === 'yaml') return text;
  throw new UserError(`output format '${text}' is not supported. supported formats: json, yaml`);
}
