export { UserError } from './user-error.ts';

/** One command of `postern`; `main.ts` lists them. */
export type Command = {
  /** Two words for a member of a group: `permissions test`. */
  readonly name: string;
  /** As commander writes them: `[dir]`. They come as `argv`. */
  readonly parameters?: string;
  readonly summary: string;
  /** Empty for a command that reads its arguments itself. */
  readonly options: readonly CommandOption[];
  /** Other names of the last word, and of the group, e.g. `md` for `metadata`. */
  readonly aliases?: readonly string[];
  readonly groupAliases?: readonly string[];
  /** True: everything behind the name is handed to `run` as it stands. */
  readonly passesArgumentsThrough: boolean;
  run(context: CommandContext): Promise<void>;
};

export type CommandOption = {
  /** As commander writes them: `--port <number>`. */
  readonly flags: string;
  readonly description: string;
  /** May be given several times; the value is a list. */
  readonly isRepeatable?: boolean;
  readonly isHidden?: boolean;
};

export type CommandContext = {
  /** Arguments behind the command's name. */
  readonly argv: readonly string[];
  /** Values of the options by their long name in camel case; undefined when not given. */
  readonly options: Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
  readonly environment: NodeJS.ProcessEnv;
  /** The clone that the command runs from. */
  readonly repository: string;
  /** Writes for people, on stdout. */
  print(text: string): void;
};
