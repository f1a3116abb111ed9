import type { LiveOperation, Look, Subscriber } from './types.ts';

/** One subscriber of a poller. */
export interface Place {
  readonly operation: LiveOperation;
  readonly subscriber: Subscriber;
  /** By which those are found who want the same answer; of a stream it changes with the cursor. */
  key: string;
  /** Where this subscriber has come to in its stream; null at the start. */
  cursor: string | null;
  /** Of the answer that this subscriber has; null before the first and after an error. */
  digest: string | null;
  /** Its last look failed through its values, so that it is looked at by itself until one succeeds. */
  isFailing: boolean;
  /** It has not had a look yet. */
  isNew: boolean;
  /** Version of the database that its answer is of, and since when; null when that is not known. */
  seen: { readonly version: string; readonly at: number } | null;
}

/** Subscribers who want the same answer now. */
export interface Cohort {
  readonly operation: LiveOperation;
  readonly cursor: string | null;
  readonly places: readonly Place[];
}

export function placeOf(operation: LiveOperation, subscriber: Subscriber, cursor: string | null): Place {
  return {
    operation,
    subscriber,
    key: keyOf(operation, cursor),
    cursor,
    digest: null,
    isFailing: false,
    isNew: true,
    seen: null,
  };
}

export function moveTo(place: Place, cursor: string): void {
  place.cursor = cursor;
  place.key = keyOf(place.operation, cursor);
}

export function cohortsOf(places: Iterable<Place>): readonly Cohort[] {
  const byKey = new Map<string, Place[]>();
  for (const place of places) {
    const known = byKey.get(place.key);
    if (known === undefined) byKey.set(place.key, [place]);
    else known.push(place);
  }
  return [...byKey.values()].flatMap((members) => {
    const [first] = members;
    return first === undefined ? [] : [{ operation: first.operation, cursor: first.cursor, places: members }];
  });
}

/** The answer for one cohort, by a statement of its own. */
export function lookAlone({ operation, cursor }: Cohort, signal: AbortSignal): Promise<Look> {
  const { stream } = operation;
  return stream === undefined
    ? operation
        .run(signal)
        .then((answer) => ({ answer, cursor: null, isFinal: operation.isOver?.() === true }))
    : stream.batch(cursor, signal);
}

function keyOf({ key, stream }: LiveOperation, cursor: string | null): string {
  if (stream === undefined) return key;
  return JSON.stringify(cursor === null ? [key, 'start', stream.start] : [key, 'after', cursor]);
}
