/**
 * Live queries. In: planned operations and who wants their answers. Out: the answer at once, and again whenever it changed.
 * Promise: subscribers with equal operations share one poller; a poller ends with its last subscriber; polls at the same time are bounded;
 * a subscriber may miss states in between, but never sees an older state after a newer one.
 * Source: spec/graphql-api.md 14.5. Cohorts (several sets of variables in one statement) and streams are not here yet: operations with
 * different variables have a poller each.
 */
export { LiveQueries, type LiveQueryStats, type Subscriber } from './live-queries.ts';
