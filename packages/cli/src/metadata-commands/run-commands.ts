import type { CommandContext } from '../command.ts';
import { mappingOf, writeJson } from '../document/index.ts';
import { readProjectMetadata } from '../project/index.ts';
import { fetchMetadata, isSet, type Session, text } from '../session/index.ts';
import { table } from '../terminal/index.ts';
import { UserError } from '../user-error.ts';
import { applyMetadata, exportProject, inconsistencies, inconsistencyRow } from './apply-metadata.ts';
import { diffMetadata, diffType } from './diff-metadata.ts';
import { metadataText, outputFormat } from './project-metadata.ts';

/** `metadata apply`. */
export async function runApply(session: Session, { options }: CommandContext): Promise<void> {
  if (isSet(options, 'fromFile'))
    throw new UserError('use of deprecated flag: --from-file; set metadata_file in config.yaml');
  const asked = text(options, 'output');
  const format = asked === undefined ? null : outputFormat(asked);
  if (isSet(options, 'dryRun')) {
    session.terminal.print(metadataText(readProjectMetadata(session.config), format ?? 'json'));
    return;
  }
  await applyMetadata(session, !isSet(options, 'disallowInconsistentMetadata'));
  if (format !== null) session.terminal.print(metadataText(await fetchMetadata(session), format));
}

/** `metadata export`. */
export async function runExport(session: Session, { options }: CommandContext): Promise<void> {
  const format = text(options, 'output');
  if (format === undefined) return exportProject(session);
  const checked = outputFormat(format);
  session.terminal.print(metadataText(await fetchMetadata(session), checked));
}

/** `metadata diff`. */
export async function runDiff(session: Session, { argv, options }: CommandContext): Promise<void> {
  const type = text(options, 'type');
  await diffMetadata(session, argv, type === undefined ? null : diffType(type));
}

/** `metadata inconsistency list`. */
export async function runList(session: Session, { options }: CommandContext): Promise<void> {
  const format = text(options, 'output');
  if (format !== undefined && format !== 'json') {
    throw new UserError(`output format '${format}' is not supported. supported formats: json`);
  }
  await session.client.version();
  const { isConsistent, objects } = await inconsistencies(session);
  if (format === 'json') {
    const known = objects.map((object) =>
      mappingOf(['definition', 'reason', 'type'].map((key) => [key, object.get(key)] as const)),
    );
    session.terminal.print(writeJson(known, 2));
  } else if (isConsistent) session.terminal.log.info('metadata is consistent');
  else {
    const rows = objects.map(inconsistencyRow);
    session.terminal.print(table([['NAME', 'TYPE', 'DESCRIPTION', 'REASON'], ...rows]));
  }
}

/** `metadata inconsistency status`. */
export async function runStatus(session: Session): Promise<void> {
  await session.client.version();
  const { isConsistent } = await inconsistencies(session);
  if (!isConsistent) {
    throw new UserError(
      "metadata is inconsistent, use 'postern metadata ic list' command to see the inconsistent objects",
    );
  }
  session.terminal.log.info('metadata is consistent');
}
