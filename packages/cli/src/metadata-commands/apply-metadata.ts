import {
  isList,
  isMapping,
  type Mapping,
  mappingOf,
  mappingsIn,
  NumberText,
  writeJson,
} from '../document/index.ts';
import { EngineError } from '../engine-client/index.ts';
import { readProjectMetadata } from '../project/index.ts';
import { fetchMetadata, type Session } from '../session/index.ts';
import { UserError } from '../user-error.ts';
import { writeProjectMetadata } from './project-metadata.ts';

/**
 * Replaces the server's metadata by the project's, as a whole or not at all. Returns whether it is consistent.
 * @throws UserError with the server's answer when it refuses
 */
export async function applyMetadata(session: Session, allowsInconsistent = true): Promise<boolean> {
  const { terminal, client, config } = session;
  const metadata = readProjectMetadata(config);
  if (config.metadataFile === null && !metadata.has('version')) {
    throw new UserError(
      `${config.metadataFolder} holds no metadata: version.yaml is missing. 'postern metadata export' writes what the server has; by hand it is the line "version: 3"`,
    );
  }
  await fetchMetadata(session);
  const answer = await terminal.during('Applying metadata...', async () => {
    try {
      return await client.change(
        'replace_metadata',
        mappingOf([
          ['allow_inconsistent_metadata', allowsInconsistent],
          ['metadata', metadata],
        ]),
        2,
      );
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      throw new UserError(`error applying metadata \n${error.message}`, { cause: error });
    }
  });
  terminal.log.info('Metadata applied');
  for (const warning of mappingsIn(isMapping(answer) ? answer.get('warnings') : [])) {
    terminal.log.warn(String(warning.get('message')));
  }
  const isConsistent = !isMapping(answer) || answer.get('is_consistent') !== false;
  if (!isConsistent) {
    terminal.log.warn('Metadata is inconsistent');
    terminal.log.warn("Use 'postern metadata ic list' command to list inconsistent objects");
  }
  return isConsistent;
}

/** Writes the server's metadata into the project. */
export async function exportProject(session: Session): Promise<void> {
  const metadata = await session.terminal.during('Exporting metadata...', () => fetchMetadata(session));
  writeProjectMetadata(session, metadata);
  session.terminal.log.info('Metadata exported');
}

export async function clearMetadata({ terminal, client }: Session): Promise<void> {
  await client.version();
  await terminal.during('Clearing metadata...', () => client.change('clear_metadata', new Map()));
  terminal.log.info('Metadata cleared');
}

/** Lets the server read its databases and remote schemas anew. */
export async function reloadMetadata(session: Session): Promise<void> {
  const { terminal, client } = session;
  await client.version();
  await terminal.during('Reloading metadata...', () => client.change('reload_metadata', new Map()));
  terminal.log.info('Metadata reloaded');
  const { isConsistent } = await inconsistencies(session);
  if (isConsistent) terminal.log.info('Metadata is consistent');
  else {
    terminal.log.warn(
      "Metadata is inconsistent, use 'postern metadata ic list' command to see the inconsistent objects",
    );
  }
}

export type Inconsistencies = { readonly isConsistent: boolean; readonly objects: readonly Mapping[] };

export async function inconsistencies({ client }: Session): Promise<Inconsistencies> {
  const answer = await client.ask('get_inconsistent_metadata');
  const objects = mappingsIn(isMapping(answer) ? answer.get('inconsistent_objects') : []);
  return { isConsistent: !isMapping(answer) || answer.get('is_consistent') !== false, objects };
}

/** The row of an object in the list: name, type, the beginning of its definition, the reason. */
export function inconsistencyRow(object: Mapping): string[] {
  const definition = object.get('definition') ?? null;
  const name = isMapping(definition) ? definition.get('name') : undefined;
  const text = typeof definition === 'string' ? definition : writeJson(definition);
  return [
    name === undefined || isMapping(name) || isList(name) || name === null ? 'N/A' : plain(name),
    String(object.get('type')),
    [...text].length > 50 ? `${[...text].slice(0, 50).join('')}...` : text,
    reasonOf(object),
  ];
}

function plain(value: string | boolean | NumberText): string {
  return value instanceof NumberText ? value.text : String(value);
}

function reasonOf(object: Mapping): string {
  const reason = object.get('reason');
  return typeof reason === 'string' ? reason : writeJson(reason ?? null);
}

export async function dropInconsistencies({ terminal, client }: Session): Promise<void> {
  await client.version();
  await terminal.during('Dropping inconsistent metadata...', () =>
    client.change('drop_inconsistent_metadata', new Map()),
  );
  terminal.log.info('all inconsistent objects removed from metadata');
}
