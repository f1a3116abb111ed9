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

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
