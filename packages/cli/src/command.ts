export { UserError } from './user-error.ts';

/** One command of `postern`; `main.ts` lists them. */
export type Command = {
  /** Two words for a member of a group: `permissions test`. */
  readonly name: string;
  /** As commander writes them: `[dir]`. They come as `argv`. */
  readonly parameters?: string;
  readonly summary: string;
  /** As commander writes them: `--port <number>`. Empty for a command that reads its arguments itself. */
  readonly options: readonly { readonly flags: string; readonly description: string }[];
  /** True: everything behind the name is handed to `run` as it stands. */
  readonly passesArgumentsThrough: boolean;
  run(context: CommandContext): Promise<void>;
};

export type CommandContext = {
  /** Arguments behind the command's name. */
  readonly argv: readonly string[];
  /** Values of the options by their long name in camel case; undefined when not given. */
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
  readonly environment: NodeJS.ProcessEnv;
  /** The clone that the command runs from. */
  readonly repository: string;
  /** Writes for people, on stdout. */
  print(text: string): void;
};
