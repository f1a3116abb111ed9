/**
 * Several processes behind one port. In: how many. Out: a group that is stopped as one. Promise: a worker that ends unasked is replaced, ever less often
 * while it keeps ending; what the workers print reaches our own output in whole lines.
 */
export { workerPeers } from './questions.ts';
export { createWorkers, type WorkerGroup, type WorkerOptions } from './worker-group.ts';
export type { WorkerEnd } from './worker-place.ts';
