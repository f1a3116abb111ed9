import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { CommandContext } from '../command.ts';
import { changeConfigFile, writeFiles } from '../project/index.ts';
import { isSet, type Session, text } from '../session/index.ts';
import { UserError } from '../user-error.ts';
import { frameworkNamed, generateCode } from './generate-code.ts';
import { frameworks } from './frameworks.ts';

/** `actions codegen [name…]`. */
export async function runCodegen(session: Session, { argv }: CommandContext): Promise<void> {
  generateCode(session, argv);
}

/** `actions use-codegen`: remembers framework and folder in config.yaml. */
export async function runUseCodegen(session: Session, { options }: CommandContext): Promise<void> {
  const { config, terminal } = session;
  const framework = frameworkNamed(
    await given(session, text(options, 'framework'), '--framework', () =>
      terminal.choose(
        'Choose a codegen framework to use',
        frameworks.map(({ name }) => name),
      ),
    ),
  );
  const folder = await given(session, text(options, 'outputDir'), '--output-dir', () =>
    terminal.ask('Where do you want to place the codegen files?', 'codegen'),
  );
  changeConfigFile(config.root, [
    [['actions', 'codegen', 'framework'], framework.name],
    [['actions', 'codegen', 'output_dir'], folder],
  ]);
  terminal.log.info('Codegen configuration updated in config.yaml');
  if (!isSet(options, 'withStarterKit')) return;
  const place = freeFolder(join(config.root, framework.name));
  const handlers = relative(place, resolve(config.root, folder)).replaceAll('\\', '/');
  writeFiles(place, framework.starterKit(handlers === '' ? '.' : handlers));
  terminal.log.info(`Starter kit cloned at ${place}`);
}

async function given(
  { terminal, config }: Session,
  value: string | undefined,
  flag: string,
  ask: () => Promise<string>,
): Promise<string> {
  if (value !== undefined) return value;
  if (terminal.isInteractive && config.isInteractive) return ask();
  throw new UserError(`${flag} is needed where nobody can be asked`);
}

function freeFolder(path: string): string {
  let free = path;
  for (let number = 2; existsSync(free); number++) free = `${path}-${number}`;
  return free;
}
