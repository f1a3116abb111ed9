import type { Authenticator } from '../authentication/index.ts';
import type { OperationIdentifier } from '../graphql/index.ts';
import type { Metrics } from '../metrics/index.ts';
import type { Peers, Runtime } from '../runtime/index.ts';
import type { LiveQueries } from '../subscriptions/index.ts';
import type { Tracing } from '../tracing/index.ts';
import type { ServeConfiguration } from './configuration/index.ts';
import type { Logger } from './log/logger.ts';

/** What every handler may use. */
export interface ServerContext {
  readonly configuration: ServeConfiguration;
  readonly runtime: Runtime;
  readonly authenticator: Authenticator;
  readonly liveQueries: LiveQueries;
  readonly logger: Logger;
  /** What operations are called in logs, metrics and traces. */
  readonly identify: OperationIdentifier;
  /** Null unless the API `metrics` is enabled. */
  readonly metrics: Metrics | null;
  readonly tracing: Tracing;
  /** Null when there is one process only. */
  readonly peers: Peers | null;
}
