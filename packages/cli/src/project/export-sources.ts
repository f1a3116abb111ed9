import {
  isList,
  isMapping,
  type Mapping,
  mappingOf,
  mappingsIn,
  type Value,
  writeYaml,
} from '../document/index.ts';
import { UserError } from '../user-error.ts';
import type { ExportedFiles } from './export-metadata.ts';
import { fileName, NamesOnce } from './file-names.ts';
import { isInclude } from './includes.ts';

/** Of an entry in databases.yaml. Source: spec/cli.md 2.2. */
const sourceOrder: readonly string[] = [
  'name',
  'kind',
  'configuration',
  'query_tags',
  'customization',
  'health_check',
  'logical_models',
  'native_queries',
  'stored_procedures',
];

/** Paths are relative to `databases/`. */
export function exportSources(sources: Value): ExportedFiles {
  const files = new Map<string, string>();
  const warnings: string[] = [];
  const folders = new NamesOnce([]);
  const entries = (isList(sources) ? sources : []).map((source) => {
    if (!isMapping(source)) return source;
    const folder = folders.give(fileName(String(source.get('name'))));
    const tables = exportMembers(source, 'tables', 'table', folder);
    const functions = exportMembers(source, 'functions', 'function', folder);
    const others = [...source.keys()].filter(
      (key) => !sourceOrder.includes(key) && key !== 'tables' && key !== 'functions',
    );
    const hasFunctions = mappingsIn(source.get('functions')).length > 0;
    for (const { files: some, warnings: told } of hasFunctions ? [tables, functions] : [tables]) {
      for (const [path, text] of some) files.set(path, text);
      warnings.push(...told);
    }
    return mappingOf([
      ...[...sourceOrder, ...others].map((key) => [key, source.get(key)] as const),
      ['tables', `!include ${folder}/tables/tables.yaml`],
      ['functions', hasFunctions ? `!include ${folder}/functions/functions.yaml` : undefined],
    ]);
  });
  files.set('databases.yaml', writeYaml(entries, isInclude));
  return { files, warnings };
}

/** The sources with their keys in the order of databases.yaml, so that two documents can be compared line by line. */
export function inFileOrder(sources: Value): Value {
  return mappingsIn(sources).map((source) => {
    const last = ['tables', 'functions'];
    const others = [...source.keys()].filter((key) => !sourceOrder.includes(key) && !last.includes(key));
    return mappingOf([...sourceOrder, ...others, ...last].map((key) => [key, source.get(key)] as const));
  });
}

/** A file for each table or function, and one that lists them. */
function exportMembers(
  source: Mapping,
  key: 'tables' | 'functions',
  nameKey: 'table' | 'function',
  folder: string,
): ExportedFiles {
  const files = new Map<string, string>();
  const warnings: string[] = [];
  // the list has this name itself
  const names = new NamesOnce([key]);
  const includes = mappingsIn(source.get(key)).map((member) => {
    const where = `${nameKey} ${JSON.stringify(nameParts(member.get(nameKey)).join('.'))} of ${String(source.get('name'))}`;
    refuseIncludes(member, where);
    const wanted = fileName(nameParts(member.get(nameKey)).join('_'));
    const name = names.give(wanted);
    if (name !== wanted)
      warnings.push(`${where} is written to ${name}.yaml, because ${wanted}.yaml is taken`);
    files.set(`${folder}/${key}/${name}.yaml`, writeYaml(member));
    return `!include ${name}.yaml`;
  });
  files.set(`${folder}/${key}/${key}.yaml`, writeYaml(includes, isInclude));
  return { files, warnings };
}

/** `{schema, name}`, `{dataset, name}`, `["a", "b"]`, or the name alone. */
function nameParts(name: Value | undefined): string[] {
  if (isList(name)) return name.map(String);
  if (!isMapping(name)) return ['public', String(name)];
  const schema = name.get('schema') ?? name.get('dataset');
  return [...(typeof schema === 'string' ? [schema] : []), String(name.get('name'))];
}

/** Read again, such a string would become the content of a file of whoever applies the project. */
function refuseIncludes(value: Value, where: string): void {
  if (typeof value === 'string' && isInclude(value)) {
    throw new UserError(
      `${where} has the text ${JSON.stringify(value)}, which means the content of a file in a project. Change it on the server, or use metadata_file.`,
    );
  }
  if (isList(value)) for (const member of value) refuseIncludes(member, where);
  else if (isMapping(value)) for (const member of value.values()) refuseIncludes(member, where);
}
