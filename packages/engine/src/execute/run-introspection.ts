import type { Bytes } from '../database/index.ts';
import type { RootPlan } from '../plan/index.ts';
import type { Executable } from './executable.ts';
import { inSlices } from './in-slices.ts';

type IntrospectionPlan = Extract<RootPlan, { kind: 'introspection' }>;

/** The only field of an operation that has to be answered, if that describes a large schema. */
export function introspectionAlone({ statements, delegated, sites }: Executable): IntrospectionPlan | null {
  const [plan] = delegated;
  if (plan?.kind !== 'introspection' || delegated.length > 1) return null;
  return statements.length === 0 && sites.size === 0 ? plan : null;
}

/**
 * Hands the response on while it is made.
 * @returns what comes after the field's value
 */
export async function runIntrospection(
  { layout }: Executable,
  plan: IntrospectionPlan,
  onPiece: (piece: Uint8Array) => void | Promise<void>,
  signal: AbortSignal | undefined,
): Promise<Bytes> {
  const place = layout.findIndex((piece) => typeof piece === 'number');
  const constant = (from: number, to: number): Uint8Array[] =>
    layout.slice(from, to).filter((piece) => typeof piece !== 'number');
  let before: readonly Uint8Array[] = constant(0, place);
  await inSlices(plan.begin(), signal, async (piece) => {
    // with the first piece, since an error before it is better told as one
    for (const earlier of before) await onPiece(earlier);
    before = [];
    await onPiece(piece);
  });
  return constant(place + 1, layout.length);
}
