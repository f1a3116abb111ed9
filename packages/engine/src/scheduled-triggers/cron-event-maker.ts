import type { Connection, Database } from '../database/index.ts';
import { makeCronEvents } from './cron-events.ts';
import type { CronTriggers } from './types.ts';

export interface CronEventMakerOptions {
  readonly database: Database;
  /** Those in force, and the version of the metadata that they are of. */
  readonly triggers: () => { readonly triggers: CronTriggers; readonly metadataVersion: number };
  /** False: this process makes none. */
  readonly isEnabled: boolean;
  /** Events were made. */
  readonly onMade: () => void;
  readonly onError: (error: unknown) => void;
}

/** Between two looks for triggers with too few events ahead. Source: spec/events.md B1. */
const intervalMs = 60_000;

/** Keeps events of cron triggers ahead of time. Several processes may do so. */
export class CronEventMaker {
  readonly #options: CronEventMakerOptions;
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> | null = null;
  #isStopped = false;

  constructor(options: CronEventMakerOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#options.isEnabled) this.#runAfter(0);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#running;
  }

  #runAfter(delayMs: number): void {
    if (this.#isStopped) return;
    this.#timer = setTimeout(() => {
      this.#running = this.#run().then((isDone) => {
        this.#running = null;
        this.#runAfter(isDone ? intervalMs : 0);
      });
    }, delayMs);
    this.#timer.unref();
  }

  /** Resolves to false when there is more to do. */
  async #run(): Promise<boolean> {
    const { database, triggers: inForce, onMade, onError } = this.#options;
    const { triggers, metadataVersion } = inForce();
    if (triggers.size === 0) return true;
    try {
      const isDone = await database.transaction({ isolation: 'read-committed' }, async (connection) => {
        // schedules that were replaced elsewhere, of which this process has not heard yet, are not followed
        return (await isStored(metadataVersion, connection)) ? makeCronEvents(triggers, connection) : true;
      });
      onMade();
      return isDone;
    } catch (error) {
      onError(error);
      return true;
    }
  }
}

async function isStored(version: number, connection: Connection): Promise<boolean> {
  // held until the events are made, so that no change comes in between; while one is under way there is no row
  const [row] = await connection.queryRows({
    text: 'select resource_version from hdb_catalog.hdb_metadata where id = 1 for share skip locked',
    parameters: [],
  });
  return Number(row?.['resource_version']) === version;
}
