import { createHash } from 'node:crypto';
import type { Executable } from './executable.ts';

const digests = new WeakMap<Executable, string>();

/**
 * Text that is equal for equal answers of equal databases: it holds the statements with every value that is bound in them, and what stands around their
 * results. Null where anything else takes part in the answer, services or look-ups in other sources.
 */
export function identityOf(
  executable: Executable,
  parameters: readonly (readonly (string | null)[])[],
): string | null {
  const { delegated, sites } = executable;
  return delegated.length > 0 || sites.size > 0
    ? null
    : JSON.stringify([digestOf(executable), ...parameters]);
}

/** What of an executable is the same in every request, hashed once. */
export function digestOf(executable: Executable): string {
  let digest = digests.get(executable);
  if (digest === undefined) {
    const { operation, statements, layout } = executable;
    digest = createHash('sha256')
      .update(
        JSON.stringify([
          operation,
          statements.map(({ source, statement }) => [source, statement.text]),
          layout.map((piece) => (typeof piece === 'number' ? piece : Buffer.from(piece).toString('latin1'))),
        ]),
      )
      .digest('base64');
    digests.set(executable, digest);
  }
  return digest;
}
