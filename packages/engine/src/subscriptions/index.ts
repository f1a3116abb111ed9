/**
 * Live queries and streams. In: planned operations and who wants their answers. Out: of a live query the answer at once, and again whenever it changed;
 * of a stream the rows after each subscriber's cursor, batch by batch.
 * Promise: subscribers with equal operations share one poller; a poller ends with its last subscriber; polls at the same time are bounded; a subscriber
 * of a live query may miss states in between, but never sees an older state after a newer one; one of a stream misses no batch.
 * Source: spec/graphql-api.md 14.5, 14.6. Cohorts (several sets of variables in one statement) are not here yet: operations with different variables
 * have a poller each.
 */
export { LiveQueries, type LiveQueryStats, type Subscriber } from './live-queries.ts';
