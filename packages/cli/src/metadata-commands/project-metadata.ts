import { basename, dirname } from 'node:path';
import { type Mapping, writeJson } from '../document/index.ts';
import { exportMetadata, metadataYaml, writeFiles } from '../project/index.ts';
import type { Session } from '../session/index.ts';
import { UserError } from '../user-error.ts';

/** Writes the server's metadata into the project. Nothing is written when something in it cannot be. */
export function writeProjectMetadata({ config, terminal }: Session, metadata: Mapping): void {
  const { metadataFile, metadataFolder } = config;
  if (metadataFile !== null) {
    const text = metadataText(metadata, metadataFile.endsWith('.json') ? 'json' : 'yaml');
    writeFiles(dirname(metadataFile), new Map([[basename(metadataFile), text]]));
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
