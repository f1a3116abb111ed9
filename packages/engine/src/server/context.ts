import type { Authenticator } from '../authentication/index.ts';
import type { Runtime } from '../runtime/index.ts';
import type { LiveQueries } from '../subscriptions/index.ts';
import type { ServeConfiguration } from './configuration/index.ts';
import type { Logger } from './log/logger.ts';

/** What every handler may use. */
export interface ServerContext {
  readonly configuration: ServeConfiguration;
  readonly runtime: Runtime;
  readonly authenticator: Authenticator;
  readonly liveQueries: LiveQueries;
  readonly logger: Logger;
}
