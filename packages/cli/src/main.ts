import { Command as Program } from 'commander';
import { type Command, UserError } from './command.ts';
import { dev } from './commands/dev.ts';
import { permissionsTest } from './commands/permissions-test.ts';
import { serve } from './commands/serve.ts';
import { version } from './commands/version.ts';

const COMMANDS: readonly Command[] = [serve, dev, permissionsTest, version];

/**
 * Runs `postern` with the arguments behind its name. Resolves when the command is done; `serve` and `dev` end the process themselves.
 * Exit status: 0 done, 1 failed, 2 the command line was wrong; a command may document others.
 */
export async function main(argv: readonly string[], repository: string): Promise<void> {
  const program = new Program('postern')
    .description('A GraphQL API with fine-grained permissions over PostgreSQL')
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
    .enablePositionalOptions();
  for (const command of COMMANDS) add(program, command, repository);
  try {
    await program.parseAsync(commandFirst(argv), { from: 'user' });
  } catch (error) {
    report(error);
    process.exit(error instanceof UserError ? error.exitStatus : (process.exitCode ?? 1));
  }
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
  const added = (words.length === 1 ? program : group(program, words[0] ?? ''))
    .command(usage)
    .description(command.summary);
  for (const { flags, description } of command.options) added.option(flags, description);
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

/** The command that holds others, e.g. `permissions` of `permissions test`. */
function group(program: Program, name: string): Program {
  return (
    program.commands.find((each) => each.name() === name) ??
    program.command(name).description(`\`postern ${name} --help\` lists its commands`)
  );
}

/** What the user can mend is told in a sentence; our own faults come with their stack. */
function report(error: unknown): void {
  const isForUser = error instanceof UserError || (error instanceof Error && error.name === 'StartError');
  process.stderr.write(`${isForUser ? error.message : describe(error)}\n`);
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
