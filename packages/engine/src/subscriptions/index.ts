/**
 * Live queries and streams. In: planned operations and who wants their answers. Out: of a live query the answer at once, and again whenever it changed;
 * of a stream the rows after each subscriber's cursor, batch by batch.
 * Promise: operations with the same statement share a poller, those with the same values a look; a look is one statement for many sets of values, of which
 * each subscriber gets its own set's answer and nobody else's; a set that fails fails alone. A poller ends with its last subscriber; statements at the same
 * time are bounded; none is run when nothing can have changed. A subscriber of a live query may miss states in between, but never sees an older state after
 * a newer one; one of a stream misses no batch. Source: spec/graphql-api.md 14.5, 14.6.
 */
export { LiveQueries, type LiveQueryStats } from './live-queries.ts';
export type { Poll, Subscriber } from './types.ts';
