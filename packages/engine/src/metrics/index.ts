/**
 * What the engine counts, in Prometheus's text format under Hasura's names. In: events from the rooms that make them, as plain numbers. Out: the text of
 * a scrape. Promise: nothing is loaded and nothing is counted unless somebody asks for metrics; an event costs a few additions; the number of
 * series has a bound whatever clients send.
 * Source: spec/server.md 8.1.
 */
export { createMetrics } from './create-metrics.ts';
export type * from './types.ts';
