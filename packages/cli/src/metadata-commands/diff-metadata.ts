import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Mapping, mappingOf, readYaml } from '../document/index.ts';
import {
  documentOrder,
  exportMetadata,
  inFileOrder,
  metadataObjects,
  readMetadataFolder,
  readProjectMetadata,
} from '../project/index.ts';
import { fetchMetadata, type Session } from '../session/index.ts';
import { UserError } from '../user-error.ts';
import { coloredReport, signedLines, wholeText } from './color-difference.ts';
import { diffLines, type Line } from './line-difference.ts';
import { metadataText } from './project-metadata.ts';
import { describeDifference } from './structural-difference.ts';

const types = ['unified-json', 'unified-yaml', 'json', 'yaml'] as const;
type DiffType = (typeof types)[number];

/** @throws UserError */
export function diffType(text: string): DiffType {
  const found = types.find((each) => each === text);
  if (found === undefined)
    throw new UserError(`metadata diff doesn't support difftype ${text}; use one of ${types.join(', ')}`);
  return found;
}

/**
 * Shows how the project (or the first folder) differs from the server (or the second folder); what is only in the project is "added".
 * `type` null: file by file. Source: spec/cli.md 5.2.
 */
export async function diffMetadata(
  session: Session,
  folders: readonly string[],
  type: DiffType | null,
): Promise<void> {
  const { config, terminal } = session;
  if (config.metadataFile !== null && folders.length > 0) {
    throw new UserError(`expected 0 arguments, found: [${folders.join(' ')}]`);
  }
  const [first, second] = folders;
  const to = first === undefined ? readProjectMetadata(config) : readFolder(first, config.root);
  terminal.log.info(`Showing diff between ${first ?? 'project'} and ${second ?? 'server'}...`);
  const from = second === undefined ? await fetchMetadata(session) : readFolder(second, config.root);
  // one file is compared as the text that it is
  const wanted =
    type ?? (config.metadataFile === null ? null : config.metadataFile.endsWith('.json') ? 'json' : 'yaml');
  const report =
    wanted === null
      ? fileDifferences(from, to, terminal.isColored)
      : wholeDifference(from, to, wanted, [first ?? 'project', second ?? 'server'], terminal.isColored);
  if (report !== '') terminal.print(report);
}

function readFolder(path: string, root: string): Mapping {
  if (!existsSync(path)) throw new UserError(`${path} does not exist`);
  if (!statSync(path).isDirectory())
    throw new UserError(`metadata diff only works with folder but got file ${path}`);
  return readMetadataFolder(resolve(path), resolve(path).startsWith(root) ? root : resolve(path, '..'));
}

/** Each file that differs, in the order of the format. */
export function fileDifferences(from: Mapping, to: Mapping, isColored: boolean): string {
  const [before, after] = [exportMetadata(from).files, exportMetadata(to).files];
  const paths = [...new Set([...before.keys(), ...after.keys()])]
    .filter((path) => !/\/(tables\/tables|functions\/functions)\.yaml$/.test(path))
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  const reports = paths.flatMap((path) => {
    const [old = '', now = ''] = [before.get(path), after.get(path)];
    if (old === now) return [];
    const body = path.endsWith('.yaml')
      ? coloredReport(describeDifference(parsed(old, now), parsed(now, old)), isColored)
      : signedLines(changedLines(diffLines(old, now)), isColored);
    return body === '' ? [] : [`${path}\n\n${body}`];
  });
  return reports.join('\n');
}

/** A file that is not there is as empty as the other one can be. */
function parsed(text: string, other: string): ReturnType<typeof readYaml> {
  if (text !== '') return readYaml(text);
  return Array.isArray(readYaml(other)) ? [] : new Map();
}

function rank(path: string): number {
  if (path.startsWith('databases/')) return 1;
  // behind the allow list
  if (path.startsWith('actions.')) return 4.5;
  return metadataObjects.findIndex(({ file }) => file === path);
}

function wholeDifference(
  from: Mapping,
  to: Mapping,
  type: DiffType,
  [toName, fromName]: readonly [string, string],
  isColored: boolean,
): string {
  const format = type.endsWith('json') ? 'json' : 'yaml';
  const lines = diffLines(metadataText(ordered(from), format), metadataText(ordered(to), format));
  const hasDifferences = lines.some(({ sign }) => sign !== ' ');
  if (type.startsWith('unified-')) return wholeText(lines, isColored);
  if (!hasDifferences) return 'zero differences found\n';
  const headings: readonly Line[] = [
    { sign: '-', text: fromName },
    { sign: '+', text: toName },
  ];
  return signedLines([...headings, ...changedLines(lines)], isColored);
}

/** Both sides in the same order of keys; the server's is another than that of files. */
function ordered(metadata: Mapping): Mapping {
  return mappingOf(
    documentOrder.map((key) => {
      const value = metadata.get(key);
      return [key, key === 'sources' && value !== undefined ? inFileOrder(value) : value] as const;
    }),
  );
}

/** Changed lines with two around them. */
function changedLines(lines: readonly Line[]): Line[] {
  const near = new Set<number>();
  lines.forEach(({ sign }, at) => {
    if (sign !== ' ') for (let each = at - 2; each <= at + 2; each++) near.add(each);
  });
  return lines.filter((_line, at) => near.has(at));
}
