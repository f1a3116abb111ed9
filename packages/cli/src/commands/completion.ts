import { writeFileSync } from 'node:fs';
import type { Command, CommandOption } from '../command.ts';
import { UserError } from '../user-error.ts';

/** `commands`: all that the shell shall know. */
export function completion(commands: () => readonly Command[]): Command {
  return {
    name: 'completion',
    parameters: '<shell>',
    summary: 'Print what makes bash or zsh complete the command',
    options: [{ flags: '--file <file>', description: 'write it to a file' }],
    passesArgumentsThrough: false,
    run: async (context) => {
      const { withTerminal } = await import('../session/index.ts');
      await withTerminal(context, async () => {
        const shell = context.argv[0] ?? '';
        if (shell !== 'bash' && shell !== 'zsh')
          throw new UserError(`unknown shell: ${shell}. Use bash or zsh`);
        const script = completionScript(shell, commands());
        const file = context.options['file'];
        if (typeof file === 'string') writeFileSync(file, script);
        else process.stdout.write(script);
      });
    },
  };
}

/** One function for both shells: zsh takes bash's through `bashcompinit`. */
function completionScript(shell: 'bash' | 'zsh', commands: readonly Command[]): string {
  const words = new Map<string, Set<string>>([['', new Set()]]);
  for (const { name, options } of commands) {
    const parts = name.split(' ');
    parts.forEach((part, at) => {
      const before = parts.slice(0, at).join(' ');
      words.set(before, (words.get(before) ?? new Set()).add(part));
    });
    words.set(name, new Set(options.filter(({ isHidden }) => isHidden !== true).map(longFlag)));
  }
  const cases = [...words].map(([before, next]) => `    '${before}') words='${[...next].join(' ')}' ;;`);
  return `${shell === 'zsh' ? '#compdef postern\nautoload -U +X bashcompinit && bashcompinit\n' : ''}# completion of postern; load it by: source <(postern completion ${shell})
_postern() {
  local word path='' words=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in
      -*) ;;
      *) path="\${path:+$path }$word" ;;
    esac
  done
  case "$path" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _postern postern
`;
}

function longFlag({ flags }: CommandOption): string {
  return /--[a-z-]+/.exec(flags)?.[0] ?? '';
}
