import type { Command, CommandOption } from '../command.ts';
import { inSession, type Run } from './in-session.ts';
import { serverOptions } from './options.ts';

type Room = typeof import('../metadata-commands/index.ts');

const output: CommandOption = { flags: '-o, --output <format>', description: 'json or yaml, on stdout' };

/** A command of the group `metadata`; what it does is loaded when it is run. */
function metadataCommand(
  name: string,
  summary: string,
  options: readonly CommandOption[],
  choose: (room: Room) => Run,
  more: Partial<Command> = {},
): Command {
  return {
    name: `metadata ${name}`,
    summary,
    options: [...serverOptions, ...options],
    passesArgumentsThrough: false,
    groupAliases: ['md'],
    ...more,
    run: inSession(async () => choose(await import('../metadata-commands/index.ts'))),
  };
}

const inconsistency = { groupAliases: ['inconsistencies', 'ic'] };

export const metadataCommands: readonly Command[] = [
  metadataCommand(
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
    (room) => room.runApply,
  ),
  metadataCommand(
    'export',
    "Write the server's metadata into the project",
    [output],
    (room) => room.runExport,
  ),
  metadataCommand(
    'clear',
    'Take everything out of the metadata; the databases stay as they are',
    [],
    (room) => room.clearMetadata,
    { aliases: ['reset'] },
  ),
  metadataCommand(
    'reload',
    'Let the server read its databases and remote schemas anew',
    [],
    (room) => room.reloadMetadata,
  ),
  metadataCommand(
    'diff',
    'Show how the project differs from the server, or a folder from another',
    [
      {
        flags: '--type <type>',
        description: 'unified-json, unified-yaml, json or yaml (default: file by file)',
      },
    ],
    (room) => room.runDiff,
    { parameters: '[dir1] [dir2]' },
  ),
  metadataCommand(
    'inconsistency list',
    'List what does not fit the databases',
    [{ flags: '-o, --output <format>', description: 'json, on stdout' }],
    (room) => room.runList,
    { ...inconsistency, aliases: ['ls'] },
  ),
  metadataCommand(
    'inconsistency status',
    'Say whether all fits; status 1 when it does not',
    [],
    (room) => room.runStatus,
    inconsistency,
  ),
  metadataCommand(
    'inconsistency drop',
    'Take what does not fit out of the metadata',
    [],
    (room) => room.dropInconsistencies,
    inconsistency,
  ),
];
