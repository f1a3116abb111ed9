import type { Command, CommandOption } from '../command.ts';
import { chooseSources, isSet, type Session, serverOptions, texts, withSession } from '../session/index.ts';
import { UserError } from '../user-error.ts';

const databaseOptions: readonly CommandOption[] = [
  { flags: '--database-name <name>', description: 'the database, as it is called in the metadata' },
  { flags: '--disable-interactive', description: 'ask nothing' },
];

const create: Command = {
  name: 'seed create',
  parameters: '<name>',
  summary: 'Make a seed file, from tables or in an editor',
  options: [
    ...serverOptions,
    ...databaseOptions,
    {
      flags: '--from-table <table>',
      description: 'with the rows of this table; may be repeated',
      isRepeatable: true,
    },
  ],
  groupAliases: ['seeds', 'sd'],
  passesArgumentsThrough: false,
  run: (context) =>
    withSession(context, async (session: Session) => {
      const { newSeed } = await import('../seeds/index.ts');
      const [source] = await chooseSources(session, context.options, { what: 'seeds', allowsAll: false });
      if (source === undefined) throw new UserError('no database is connected to the server');
      const path = await newSeed(session, source, context.argv[0] ?? '', texts(context.options, 'fromTable'));
      session.terminal.log.info('created seed file successfully', { file: path });
    }),
};

const apply: Command = {
  name: 'seed apply',
  summary: 'Run the seed files of a database',
  options: [
    ...serverOptions,
    ...databaseOptions,
    {
      flags: '-f, --file <name>',
      description: 'only this file of the seeds; may be repeated',
      isRepeatable: true,
    },
    { flags: '--all-databases', description: 'of all databases' },
  ],
  passesArgumentsThrough: false,
  run: (context) =>
    withSession(context, async (session) => {
      const { applySeeds } = await import('../seeds/index.ts');
      const names = texts(context.options, 'file');
      const isAll = isSet(context.options, 'allDatabases');
      if (isAll && names.length > 0)
        throw new UserError('cannot use --file in conjunction with --all-databases');
      const sources = await chooseSources(session, context.options, { what: 'seeds', allowsAll: true });
      await applySeeds(session, sources, names, isAll || sources.length > 1);
    }),
};

export const seedCommands: readonly Command[] = [create, apply];
