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

/** The user can do something about it: shown without a stack. The text says what to do next. */
export class UserError extends Error {
  override readonly name = 'UserError';
  /** Of the process; 1 unless the command documents others. */
  readonly exitStatus: number;

  constructor(message: string, options: { readonly exitStatus?: number; readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.exitStatus = options.exitStatus ?? 1;
  }
}
