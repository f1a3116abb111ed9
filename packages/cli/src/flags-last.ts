import type { Command } from './command.ts';

/**
 * Flags of a command may stand before its words, as in `--project x metadata apply` or `metadata --endpoint y apply`: they are moved behind them.
 * Arguments of commands that read them themselves stay where they are.
 */
export function flagsLast(argv: readonly string[], commands: readonly Command[]): readonly string[] {
  if (commands.some(({ name, passesArgumentsThrough }) => passesArgumentsThrough && argv[0] === name))
    return argv;
  const takesValue = new Map<string, boolean>();
  for (const { options } of commands) {
    for (const { flags } of options) {
      for (const flag of flags.match(/--?[a-zA-Z][a-z-]*/g) ?? []) takesValue.set(flag, flags.includes('<'));
    }
  }
  const words = new Set(
    commands.flatMap(({ name, aliases = [], groupAliases = [] }) => [
      ...name.split(' '),
      ...aliases,
      ...groupAliases,
    ]),
  );
  const front: string[] = [];
  const moved: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const argument = argv[at] ?? '';
    if (!argument.startsWith('-')) {
      // the words of the command have ended: what follows stays in its order
      if (!words.has(argument)) return [...front, ...moved, ...argv.slice(at)];
      front.push(argument);
      continue;
    }
    if (!takesValue.has(argument.split('=', 1)[0] ?? '')) return [...front, ...moved, ...argv.slice(at)];
    moved.push(argument);
    const value = argv[at + 1];
    if (takesValue.get(argument) === true && value !== undefined) {
      moved.push(value);
      at++;
    }
  }
  return [...front, ...moved];
}
