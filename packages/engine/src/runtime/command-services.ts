import type { Session } from '../authentication/index.ts';
import type { Connection } from '../database/index.ts';
import type { DataRequest, RuntimeCommand, ScheduledEventRequest } from '../metadata/index.ts';
import type { Json, Path } from '../support/index.ts';
import type { StoringAhead } from './apply-command.ts';
import type { Draft } from './draft.ts';
import type { EventTriggerService } from './event-trigger-service.ts';

/** What commands need beside the draft. */
export interface CommandServices {
  /**
   * Stores the draft while a transaction on a source can still be rolled back, so that neither changes without the other; null when
   * the draft is to be stored later.
   */
  readonly beforeCommit: ((source: string, connection: Connection) => Promise<void>) | null;
  /** Sends the document of a single command ahead; null where more may follow. */
  readonly storing: StoringAhead | null;
  readonly session: Session;
  /** Names and values in turn. */
  readonly clientHeaders: readonly string[];
  readonly catalogState: {
    read(): Promise<Json>;
    write(type: 'cli' | 'console', state: Json): Promise<void>;
  };
  /** One data operation of `/v1/query`, against the draft's model. */
  readonly runDataOperation: (request: DataRequest, draft: Draft, path: Path) => Promise<Json>;
  /** What databases hold for event triggers, and the commands for their events. */
  readonly events: Pick<EventTriggerService, 'install' | 'follow' | 'run'>;
  /** A command for events of the clock, which are no part of the metadata. */
  readonly runScheduledEvents: (request: ScheduledEventRequest, draft: Draft, path: Path) => Promise<Json>;
  /** Runs what another part of the engine provides, e.g. the data operations of `/v1/query`; null when that part is not there. */
  readonly other: ((command: RuntimeCommand, draft: Draft, session: Session) => Promise<Json>) | null;
}
