/**
 * A PostgreSQL on this machine, owned by the calling process.
 *
 * In: a folder and a choice of binaries (the ones from npm, or the system's). Out: a running cluster with its URL and a `stop`.
 * Promise: it works for root and for other users, survives the crash of an earlier owner, and does not outlive its owner.
 */
export { type Account, accountForRoot, canReach } from './account.ts';
export { embeddedBinaries, type PostgresBinaries, systemBinaries } from './binaries.ts';
export { type Cluster, type ClusterOptions, startCluster } from './cluster.ts';
export { freePort, isPortFree } from './free-port.ts';
export { processCommand } from './process-command.ts';
