import { isMapping, type Mapping, mappingOf, type Value, writeYaml } from '../document/index.ts';
import { exportActions } from './export-actions.ts';
import { exportSources } from './export-sources.ts';
import { formatQueryCollections, formatRemoteSchemas } from './format-graphql.ts';
import { isInclude } from './includes.ts';
import { documentOrder, metadataObjects } from './metadata-objects.ts';

export type ExportedFiles = {
  /** Path below `metadata/` with forward slashes → text. */
  readonly files: ReadonlyMap<string, string>;
  /** What the user should know; the files are complete nevertheless. */
  readonly warnings: readonly string[];
};

/**
 * The files of a metadata document, as `export_metadata` returns it. Keys that are absent become empty files. Applied again they are the same document,
 * and exported again the same bytes.
 * @throws UserError when something in it cannot be a file
 */
export function exportMetadata(metadata: Mapping): ExportedFiles {
  const files = new Map<string, string>();
  const warnings: string[] = [];
  const unknown = [...metadata.keys()].filter((key) => !documentOrder.includes(key));
  if (unknown.length > 0)
    warnings.push(`no file is known for ${unknown.join(', ')} of the metadata: left out`);
  for (const { file, key, whenAbsent } of metadataObjects) {
    const value = metadata.get(key);
    if (value === undefined || value === null) {
      if (whenAbsent !== null) files.set(file, whenAbsent);
    } else if (key === 'sources') {
      const exported = exportSources(value);
      for (const [path, text] of exported.files) files.set(`databases/${path}`, text);
      warnings.push(...exported.warnings);
    } else {
      files.set(file, writeYaml(formatted(key, value, warnings)));
    }
  }
  const actions = exportActions(metadata.get('actions') ?? [], metadata.get('custom_types') ?? null);
  files.set('actions.yaml', actions.yaml);
  files.set('actions.graphql', actions.sdl);
  return { files, warnings };
}

/** The files that `postern init` makes. */
export function initialFiles(): ReadonlyMap<string, string> {
  const { files } = exportMetadata(mappingOf([]));
  const initial = new Map<string, string>([
    ['version.yaml', 'version: 3\n'],
    ['databases/databases.yaml', '[]\n'],
  ]);
  for (const { file, isInitial } of metadataObjects) {
    const text = files.get(file);
    if (isInitial && text !== undefined) initial.set(file, text);
  }
  for (const file of ['actions.yaml', 'actions.graphql']) initial.set(file, files.get(file) ?? '');
  return initial;
}

/** The whole document as one YAML file, keys in the order of the format. */
export function metadataYaml(metadata: Mapping): string {
  return writeYaml(mappingOf(documentOrder.map((key) => [key, metadata.get(key)] as const)), isInclude);
}

function formatted(key: string, value: Value, warnings: string[]): Value {
  switch (key) {
    case 'version':
      return isMapping(value) ? value : mappingOf([['version', value]]);
    case 'query_collections':
      return formatQueryCollections(value, warnings);
    case 'remote_schemas':
      return formatRemoteSchemas(value, warnings);
    default:
      return value;
  }
}
