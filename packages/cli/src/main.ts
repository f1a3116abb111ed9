import { Option, Command as Program } from 'commander';
import about from '../package.json' with { type: 'json' };
import { type Command, UserError } from './command.ts';
import { actionCommands } from './commands/actions.ts';
import { autoApply } from './commands/auto-apply.ts';
import { completion } from './commands/completion.ts';
import { consoleCommand } from './commands/console.ts';
import { deploy } from './commands/deploy.ts';
import { dev } from './commands/dev.ts';
import { init } from './commands/init.ts';
import { metadataCommands } from './commands/metadata.ts';
import { migrateCommands } from './commands/migrate.ts';
import { permissionsTest } from './commands/permissions-test.ts';
import { updateProject } from './commands/scripts.ts';
import { seedCommands } from './commands/seed.ts';
import { serve } from './commands/serve.ts';
import { version } from './commands/version.ts';
import { flagsLast } from './flags-last.ts';

/** Of the Hasura CLI. */
const projectCommands: readonly Command[] = [
  init,
  ...metadataCommands,
  ...migrateCommands,
  ...seedCommands,
  deploy,
  consoleCommand,
  ...actionCommands,
  updateProject,
];

const commands: readonly Command[] = [
  serve,
  dev,
  autoApply,
  ...projectCommands,
  permissionsTest,
  version,
  completion(() => commands),
];

/**
 * Runs `postern` with the arguments behind its name. Resolves when the command is done; `serve` and `dev` end the process themselves.
 * Exit status: 0 done, 1 failed, 2 the command line was wrong; a command may document others, and those of the Hasura CLI know only 0 and 1.
 */
export async function main(argv: readonly string[], repository: string): Promise<void> {
  const program = new Program('postern')
    .description('A GraphQL API with fine-grained permissions over PostgreSQL')
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : isOfHasura(argv) ? 1 : 2))
    .showHelpAfterError('(--help shows what can be said)')
    .enablePositionalOptions();
  for (const command of commands) add(program, command, repository);
  try {
    if (argv.length === 1 && ['--version', '-v'].includes(argv[0] ?? '')) {
      // behind a command `--version` may be a flag of its own
      process.stdout.write(`postern ${about.version}\n`);
      return;
    }
    await program.parseAsync(flagsLast(commandFirst(argv), commands), { from: 'user' });
  } catch (error) {
    report(error);
    process.exit(error instanceof UserError ? error.exitStatus : (process.exitCode ?? 1));
  }
}

function isOfHasura(argv: readonly string[]): boolean {
  const words = flagsLast(argv, commands);
  return projectCommands.some(
    ({ name, groupAliases = [] }) => name.split(' ')[0] === words[0] || groupAliases.includes(words[0] ?? ''),
  );
}

/** Hasura's engine takes some flags before the word: `--database-url … serve --server-port 80`. */
function commandFirst(argv: readonly string[]): readonly string[] {
  const at = argv[0]?.startsWith('--') === true ? argv.indexOf(serve.name) : -1;
  return at < 0 ? argv : [serve.name, ...argv.slice(0, at), ...argv.slice(at + 1)];
}

function add(program: Program, command: Command, repository: string): void {
  const words = command.name.split(' ');
  const last = words.at(-1) ?? command.name;
  const usage = command.parameters === undefined ? last : `${last} ${command.parameters}`;
  const added = group(program, words.slice(0, -1), command.groupAliases ?? [])
    .command(usage)
    .description(command.summary);
  for (const alias of command.aliases ?? []) added.alias(alias);
  for (const { flags, description, isRepeatable, isHidden } of command.options) {
    const option = new Option(flags, description).hideHelp(isHidden === true);
    if (isRepeatable === true) {
      option.argParser((value: string, before: readonly string[] | undefined) => [...(before ?? []), value]);
    }
    added.addOption(option);
  }
  if (command.passesArgumentsThrough) {
    added.allowUnknownOption().allowExcessArguments().passThroughOptions().helpOption(false);
  }
  added.action(() =>
    command.run({
      argv: added.args,
      options: added.opts(),
      environment: process.env,
      repository,
      print: (text) => process.stdout.write(`${text}\n`),
    }),
  );
}

/** The command that holds others, e.g. `permissions` of `permissions test`; the aliases are those of the innermost. */
function group(program: Program, names: readonly string[], aliases: readonly string[]): Program {
  let at = program;
  names.forEach((name, depth) => {
    const known = at.commands.find((each) => each.name() === name);
    const isInnermost = depth === names.length - 1;
    const path = names.slice(0, depth + 1).join(' ');
    const next = known ?? at.command(name).description(`\`postern ${path} --help\` lists its commands`);
    if (isInnermost) for (const alias of aliases) if (!next.aliases().includes(alias)) next.alias(alias);
    at = next;
  });
  return at;
}

/** What the user can mend is told in a sentence; our own faults come with their stack. */
function report(error: unknown): void {
  const isForUser = error instanceof UserError || (error instanceof Error && error.name === 'StartError');
  process.stderr.write(`${isForUser ? error.message : describe(error)}\n`);
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
