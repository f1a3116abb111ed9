/** A fault of ours: the client gets a plain internal error, the log gets message and stack. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/** Ends a switch over a union: a new member does not compile until it is handled. */
export function unreachable(value: never): never {
  throw new InvariantError(`unexpected value: ${JSON.stringify(value)}`);
}
