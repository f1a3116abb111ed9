import { existsSync, readFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { parse } from 'yaml';
import { type ActionMetadata, readActions } from './action-files.ts';
import { isObject, type Value } from './value.ts';

/** File below `metadata/` → key of the metadata object. Source: spec/cli.md 2.1. */
const FILES: readonly { readonly file: string; readonly key: string; readonly skipsEmpty?: true }[] = [
  { file: 'version.yaml', key: 'version' },
  { file: 'databases/databases.yaml', key: 'sources' },
  { file: 'remote_schemas.yaml', key: 'remote_schemas' },
  { file: 'query_collections.yaml', key: 'query_collections' },
  { file: 'allow_list.yaml', key: 'allowlist' },
  { file: 'cron_triggers.yaml', key: 'cron_triggers' },
  { file: 'network.yaml', key: 'network' },
  { file: 'rest_endpoints.yaml', key: 'rest_endpoints', skipsEmpty: true },
  { file: 'inherited_roles.yaml', key: 'inherited_roles' },
  { file: 'opentelemetry.yaml', key: 'opentelemetry' },
  { file: 'backend_configs.yaml', key: 'backend_configs' },
  { file: 'api_limits.yaml', key: 'api_limits' },
  { file: 'graphql_schema_introspection.yaml', key: 'graphql_schema_introspection' },
  { file: 'metrics_config.yaml', key: 'metrics_config', skipsEmpty: true },
];

/** The metadata of a project as `replace_metadata` takes it, for example `{ version: 3, sources: [ … ] }`. Keys without a file are absent. */
export function readMetadata(projectFolder: string): Record<string, unknown> {
  const folder = join(projectFolder, 'metadata');
  const metadata: Record<string, unknown> = {};
  for (const { file, key, skipsEmpty } of FILES) {
    const path = join(folder, file);
    if (!existsSync(path)) continue;
    const value = readYaml(path);
    if (skipsEmpty && isEmpty(value)) continue;
    metadata[key] = contentOf(key, value, path);
  }
  return { ...metadata, ...actionsIn(folder) };
}

function actionsIn(folder: string): ActionMetadata {
  const yaml = join(folder, 'actions.yaml');
  const sdl = join(folder, 'actions.graphql');
  try {
    return readActions(existsSync(yaml) ? readYaml(yaml) : null, existsSync(sdl) ? readText(sdl) : '');
  } catch (error) {
    throw new Error(`${sdl}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function contentOf(key: string, value: Value, path: string): Value {
  if (key === 'sources') return resolveSources(value, path);
  // version.yaml is a mapping with that one key
  if (key === 'version') return isObject(value) ? (value['version'] ?? null) : value;
  return value;
}

/** Includes count only under `tables` and `functions` of a source. */
function resolveSources(sources: Value, path: string): Value {
  if (!Array.isArray(sources)) throw new Error(`${path}: a list of sources is expected`);
  return sources.map((source) => {
    if (!isObject(source)) return source;
    const entries = Object.entries(source).map(([key, value]): [string, Value] => [
      key,
      key === 'tables' || key === 'functions' ? resolveIncludes(value, path) : value,
    ]);
    return Object.fromEntries(entries);
  });
}

function resolveIncludes(value: Value, file: string): Value {
  if (Array.isArray(value)) return value.map((member) => resolveIncludes(member, file));
  if (isObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [key, resolveIncludes(member, file)]),
    );
  }
  const target = typeof value === 'string' ? /^!include (.+)$/.exec(value)?.[1] : undefined;
  if (target === undefined) return value;
  const path = join(dirname(file), target.trim());
  // other files (.sql, .graphql) are inserted as they stand
  return extname(path) === '.yaml' ? resolveIncludes(readYaml(path), path) : readText(path);
}

function readYaml(path: string): Value {
  try {
    return parse(readText(path), {
      customTags: [{ tag: '!include', resolve: (text: string) => `!include ${text}` }],
    }) as Value;
  } catch (error) {
    throw new Error(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function readText(path: string): string {
  return readFileSync(path, 'utf8');
}

function isEmpty(value: Value): boolean {
  return (
    value === null ||
    (Array.isArray(value) && value.length === 0) ||
    (isObject(value) && Object.keys(value).length === 0)
  );
}
