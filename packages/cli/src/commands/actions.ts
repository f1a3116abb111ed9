import { commandGroup } from './command-group.ts';

/** Source: spec/cli.md 5.7. */
export const actionCommands = commandGroup(
  { name: 'actions', groupAliases: ['action'], load: () => import('../actions/index.ts') },
  [
    {
      name: 'create',
      parameters: '<name>',
      summary: 'Make an action in the editor, from a file or from an operation, and apply it',
      options: [
        { flags: '--derive-from <operation>', description: 'a query or mutation that it stands for' },
        { flags: '--sdl-file <file>', description: 'its SDL, instead of the editor' },
        { flags: '--kind <kind>', description: 'synchronous or asynchronous' },
        { flags: '--webhook <url>', description: 'what comes before its name in the handler' },
        { flags: '--with-codegen', description: 'with code for its handler' },
      ],
      choose: (room) => room.runCreate,
    },
    {
      name: 'codegen',
      parameters: '[names...]',
      summary: 'Make code for the handlers of actions, of all when none is named',
      choose: (room) => room.runCodegen,
    },
    {
      name: 'use-codegen',
      summary: 'Choose the framework and the folder for code of handlers',
      options: [
        { flags: '--framework <name>', description: 'nodejs-express or typescript-nodejs-express' },
        { flags: '--output-dir <dir>', description: 'where the code lies' },
        { flags: '--with-starter-kit', description: 'and a program that serves the handlers' },
      ],
      choose: (room) => room.runUseCodegen,
    },
  ],
);
