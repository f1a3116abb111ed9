import type { CommandOption } from '../command.ts';
import { commandGroup } from './command-group.ts';

const output: CommandOption = { flags: '-o, --output <format>', description: 'json or yaml, on stdout' };
const inconsistency = { groupAliases: ['inconsistencies', 'ic'] };

/** Source: spec/cli.md 5.2. */
export const metadataCommands = commandGroup(
  { name: 'metadata', groupAliases: ['md'], load: () => import('../metadata-commands/index.ts') },
  [
    {
      name: 'apply',
      summary: "Replace the server's metadata by the project's",
      options: [
        { flags: '--dry-run', description: 'show what would be sent' },
        output,
        {
          flags: '--disallow-inconsistent-metadata',
          description: 'fail when something in it does not fit the databases',
        },
        { flags: '--from-file', description: 'no longer there', isHidden: true },
      ],
      choose: (room) => room.runApply,
    },
    {
      name: 'export',
      summary: "Write the server's metadata into the project",
      options: [output],
      choose: (room) => room.runExport,
    },
    {
      name: 'clear',
      summary: 'Take everything out of the metadata; the databases stay as they are',
      aliases: ['reset'],
      choose: (room) => room.clearMetadata,
    },
    {
      name: 'reload',
      summary: 'Let the server read its databases and remote schemas anew',
      choose: (room) => room.reloadMetadata,
    },
    {
      name: 'diff',
      summary: 'Show how the project differs from the server, or a folder from another',
      parameters: '[dir1] [dir2]',
      options: [
        {
          flags: '--type <type>',
          description: 'unified-json, unified-yaml, json or yaml (default: file by file)',
        },
      ],
      choose: (room) => room.runDiff,
    },
    {
      name: 'inconsistency list',
      summary: 'List what does not fit the databases',
      options: [{ flags: '-o, --output <format>', description: 'json, on stdout' }],
      aliases: ['ls'],
      ...inconsistency,
      choose: (room) => room.runList,
    },
    {
      name: 'inconsistency status',
      summary: 'Say whether all fits; status 1 when it does not',
      ...inconsistency,
      choose: (room) => room.runStatus,
    },
    {
      name: 'inconsistency drop',
      summary: 'Take what does not fit out of the metadata',
      ...inconsistency,
      choose: (room) => room.dropInconsistencies,
    },
  ],
);
