import type { Command, CommandOption } from '../command.ts';
import { mappingOf, writeJson } from '../document/index.ts';
import { readProjectMetadata } from '../project/index.ts';
import { fetchMetadata, isSet, type Session, serverOptions, text, withSession } from '../session/index.ts';
import { table } from '../terminal/index.ts';
import { UserError } from '../user-error.ts';

type Room = typeof import('../metadata-commands/index.ts');

const output: CommandOption = { flags: '-o, --output <format>', description: 'json or yaml, on stdout' };

/** A command of the group `metadata`; what it does is loaded when it is run. */
function metadataCommand(
  name: string,
  summary: string,
  options: readonly CommandOption[],
  run: (room: Room, session: Session, context: Parameters<Command['run']>[0]) => Promise<void>,
  more: Partial<Command> = {},
): Command {
  return {
    name: `metadata ${name}`,
    summary,
    options: [...serverOptions, ...options],
    passesArgumentsThrough: false,
    groupAliases: ['md'],
    ...more,
    run: (context) =>
      withSession(context, async (session) =>
        run(await import('../metadata-commands/index.ts'), session, context),
      ),
  };
}

const apply = metadataCommand(
  'apply',
  "Replace the server's metadata by the project's",
  [
    { flags: '--dry-run', description: 'show what would be sent' },
    output,
    {
      flags: '--disallow-inconsistent-metadata',
      description: 'fail when something in it does not fit the databases',
    },
    { flags: '--from-file', description: 'no longer there', isHidden: true },
  ],
  async (room, session, { options }) => {
    if (isSet(options, 'fromFile'))
      throw new UserError('use of deprecated flag: --from-file; set metadata_file in config.yaml');
    const asked = text(options, 'output');
    const format = asked === undefined ? null : room.outputFormat(asked);
    if (isSet(options, 'dryRun')) {
      session.terminal.print(room.metadataText(readProjectMetadata(session.config), format ?? 'json'));
      return;
    }
    await room.applyMetadata(session, !isSet(options, 'disallowInconsistentMetadata'));
    if (format !== null) session.terminal.print(room.metadataText(await fetchMetadata(session), format));
  },
);

const exportCommand = metadataCommand(
  'export',
  "Write the server's metadata into the project",
  [output],
  async (room, session, { options }) => {
    const format = text(options, 'output');
    if (format === undefined) return room.exportProject(session);
    const checked = room.outputFormat(format);
    session.terminal.print(room.metadataText(await fetchMetadata(session), checked));
  },
);

const clear = metadataCommand(
  'clear',
  'Take everything out of the metadata; the databases stay as they are',
  [],
  (room, session) => room.clearMetadata(session),
  { aliases: ['reset'] },
);

const reload = metadataCommand(
  'reload',
  'Let the server read its databases and remote schemas anew',
  [],
  (room, session) => room.reloadMetadata(session),
);

const diff = metadataCommand(
  'diff',
  'Show how the project differs from the server, or a folder from another',
  [
    {
      flags: '--type <type>',
      description: 'unified-json, unified-yaml, json or yaml (default: file by file)',
    },
  ],
  async (room, session, { argv, options }) => {
    const type = text(options, 'type');
    await room.diffMetadata(session, argv, type === undefined ? null : room.diffType(type));
  },
  { parameters: '[dir1] [dir2]' },
);

const inconsistencyAliases = { groupAliases: ['inconsistencies', 'ic'] };

const list = metadataCommand(
  'inconsistency list',
  'List what does not fit the databases',
  [output],
  async (room, session, { options }) => {
    const format = text(options, 'output');
    if (format !== undefined && format !== 'json') {
      throw new UserError(`output format '${format}' is not supported. supported formats: json`);
    }
    await session.client.version();
    const { isConsistent, objects } = await room.inconsistencies(session);
    if (format === 'json') {
      const known = objects.map((object) =>
        mappingOf(['definition', 'reason', 'type'].map((key) => [key, object.get(key)] as const)),
      );
      session.terminal.print(writeJson(known, 2));
    } else if (isConsistent) session.terminal.log.info('metadata is consistent');
    else {
      const rows = objects.map(room.inconsistencyRow);
      session.terminal.print(table([['NAME', 'TYPE', 'DESCRIPTION', 'REASON'], ...rows]));
    }
  },
  { ...inconsistencyAliases, aliases: ['ls'] },
);

const status = metadataCommand(
  'inconsistency status',
  'Say whether all fits; status 1 when it does not',
  [],
  async (room, session) => {
    await session.client.version();
    const { isConsistent } = await room.inconsistencies(session);
    if (!isConsistent) {
      throw new UserError(
        "metadata is inconsistent, use 'postern metadata ic list' command to see the inconsistent objects",
      );
    }
    session.terminal.log.info('metadata is consistent');
  },
  inconsistencyAliases,
);

const drop = metadataCommand(
  'inconsistency drop',
  'Take what does not fit out of the metadata',
  [],
  (room, session) => room.dropInconsistencies(session),
  inconsistencyAliases,
);

export const metadataCommands: readonly Command[] = [
  apply,
  exportCommand,
  clear,
  reload,
  diff,
  list,
  status,
  drop,
];
