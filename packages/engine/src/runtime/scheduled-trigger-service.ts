import type { Database } from '../database/index.ts';
import type { Slots } from '../events/index.ts';
import { type Metadata, requireCronTrigger, type ScheduledEventRequest } from '../metadata/index.ts';
import {
  CronEventMaker,
  type CronTriggers,
  EventLog,
  runnableCronTriggers,
  ScheduledEventWorker,
} from '../scheduled-triggers/index.ts';
import type { Json, Path } from '../support/index.ts';
import type { WebhookClient } from '../webhooks/index.ts';
import { metadataInForce } from './metadata-in-force.ts';
import type { RuntimeOptions } from './types.ts';

export interface ScheduledTriggerServiceOptions {
  readonly runtime: RuntimeOptions;
  readonly client: WebhookClient;
  /** Where the metadata and the events are kept. */
  readonly database: Database;
  /** How many events may be delivered at the same time, whoever they are of. */
  readonly slots: Slots;
}

/** Events of the clock as the runtime needs them: their commands, and who makes and delivers them. */
export class ScheduledTriggerService {
  readonly #options: RuntimeOptions;
  readonly #log: EventLog;
  readonly #worker: ScheduledEventWorker;
  readonly #maker: CronEventMaker;
  #triggers: CronTriggers = new Map();
  #metadataVersion = 0;

  constructor({ runtime, client, database, slots }: ScheduledTriggerServiceOptions) {
    const { environment, version, scheduledTriggers, observeScheduledEvents = null } = runtime;
    this.#options = runtime;
    this.#log = new EventLog(database);
    this.#worker = new ScheduledEventWorker({
      database,
      services: { client, environment, version },
      slots,
      triggers: () => this.#triggers,
      intervalMs: scheduledTriggers.intervalMs,
      observer: observeScheduledEvents,
      onAttempt: (isSuccess, detail) =>
        runtime.log({
          level: isSuccess || !runtime.logsTriggerFailuresAsErrors ? 'info' : 'error',
          type: 'scheduled-trigger',
          detail,
        }),
      onError: (error) => this.#report('scheduled-trigger-process', error),
    });
    this.#maker = new CronEventMaker({
      database,
      triggers: () => ({ triggers: this.#triggers, metadataVersion: this.#metadataVersion }),
      isEnabled: scheduledTriggers.intervalMs > 0,
      onMade: () => this.#worker.wake(),
      onError: (error) => this.#report('cron-event-generator-process', error),
    });
  }

  /** Gives the answer of a command. @throws RequestError when it names a trigger that the metadata does not have */
  async run(request: ScheduledEventRequest, metadata: Metadata, path: Path): Promise<Json> {
    const group =
      request.kind === 'events' ? request.group : request.kind === 'invocations' ? request.of : null;
    if (group !== null && 'trigger' in group) {
      requireCronTrigger(metadataInForce(metadata, this.#options), group.trigger, path);
    }
    const answer = await this.#log.run(request);
    if (request.kind === 'create') this.#worker.wake();
    return answer;
  }

  async start(): Promise<void> {
    await this.#worker.start();
    this.#maker.start();
  }

  /** Waits for deliveries until the deadline; never rejects. */
  async stop(deadlineMs: number): Promise<void> {
    await Promise.all([this.#maker.stop(), this.#worker.stop(deadlineMs)]);
  }

  /** @param metadata that is in force, the operator's defaults included */
  putInForce(metadata: Metadata, version: number): void {
    this.#triggers = runnableCronTriggers(metadata, this.#options.environment);
    this.#metadataVersion = version;
    this.#worker.wake();
  }

  #report(type: 'scheduled-trigger-process' | 'cron-event-generator-process', error: unknown): void {
    this.#options.log({ level: 'error', type, detail: { message: String(error) } });
  }
}
