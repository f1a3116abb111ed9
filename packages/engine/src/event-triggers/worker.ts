import { type Database, DatabaseError } from '../database/index.ts';
import {
  type Attempt,
  attemptDelivery,
  BatchWriter,
  DeliveryLoop,
  type DeliveryServices,
  describeAttempt,
  nextStep,
  type Slots,
} from '../events/index.ts';
import type { JsonObject } from '../support/index.ts';
import { EventQueue, type Outcome } from './event-queue.ts';
import { makeDelivery } from './make-delivery.ts';
import type { EventObserver, EventTriggers, TakenEvent } from './types.ts';

export interface EventWorkerOptions {
  readonly source: string;
  readonly database: Database;
  readonly services: DeliveryServices;
  /** Shared with other deliveries of the process. */
  readonly slots: Slots;
  /** Those of the source that are in force and consistent. */
  readonly triggers: () => EventTriggers;
  /** 0: this process delivers nothing. */
  readonly intervalMs: number;
  /** 0: this process delivers nothing. */
  readonly batchSize: number;
  readonly observer: EventObserver | null;
  /** An attempt was made. */
  readonly onAttempt: (isSuccess: boolean, detail: JsonObject) => void;
  readonly onError: (error: unknown) => void;
}

/** When an event whose trigger was dropped while it was taken is looked at again. */
const withoutTriggerSeconds = 60;

/** Delivers the events of one source, and keeps what became of them. Several processes share the work. Source: spec/events.md A5. */
export class EventWorker {
  readonly #options: EventWorkerOptions;
  readonly #queue: EventQueue;
  readonly #loop: DeliveryLoop<TakenEvent>;
  readonly #writer: BatchWriter<Outcome>;

  constructor(options: EventWorkerOptions) {
    const { database, intervalMs, batchSize, slots, onError } = options;
    this.#options = options;
    const queue = new EventQueue(database);
    this.#queue = queue;
    this.#writer = new BatchWriter({
      write: (outcomes) => recordAll(outcomes, queue),
    });
    this.#loop = new DeliveryLoop({
      fetch: (limit) => this.#take(limit),
      process: (event, signal) => this.#process(event, signal),
      release: (events) => queue.release(events.map(({ id }) => id)),
      intervalMs,
      batchSize,
      slots,
      onError,
    });
  }

  start(): void {
    this.#loop.start();
  }

  /** Takes no more and waits for what runs; after the deadline that is cancelled, and given back. Never rejects. */
  stop(deadlineMs: number): Promise<void> {
    return this.#loop.stop(deadlineMs);
  }

  async #take(limit: number): Promise<readonly TakenEvent[]> {
    const { triggers, observer, source } = this.#options;
    const names = [...triggers().keys()];
    if (names.length === 0) return [];
    const startedAt = performance.now();
    let events: readonly TakenEvent[] | null = null;
    try {
      events = await this.#queue.take(names, limit);
      return events;
    } finally {
      observer?.onFetched(events?.length ?? 0, source, secondsSince(startedAt), events !== null);
    }
  }

  async #process(event: TakenEvent, signal: AbortSignal): Promise<boolean> {
    const { triggers, services, source, observer, onError } = this.#options;
    const trigger = triggers().get(event.trigger);
    if (trigger === undefined) {
      await this.#queue.postpone(event.id, withoutTriggerSeconds);
      return true;
    }
    const startedAt = performance.now();
    observer?.onQueued(event.trigger, source, event.waitedSeconds);
    const attempt = await attemptDelivery(makeDelivery(event, trigger), services, signal);
    if (attempt === null) return false;
    this.#tell(event, attempt);
    const { num_retries: retries, interval_sec: intervalSeconds } = trigger.metadata.retry_conf;
    const step = nextStep(attempt, event.tries, { retries, intervalSeconds });
    // after the last try the lock has to grow old
    await this.#writer.addPatiently(
      {
        id: event.id,
        trigger: event.trigger,
        kind: step.kind,
        afterSeconds: step.kind === 'retry' ? step.afterSeconds : null,
        invocation: attempt.invocation,
      },
      onError,
    );
    if (step.kind !== 'retry') {
      observer?.onProcessed(event.trigger, source, step.kind === 'delivered', secondsSince(startedAt));
    }
    return true;
  }

  #tell(event: TakenEvent, attempt: Attempt): void {
    const { observer, onAttempt, source } = this.#options;
    const isSuccess = attempt.result === 'delivered';
    const { elapsedMs } = attempt.call;
    observer?.onInvoked(event.trigger, source, isSuccess, elapsedMs === null ? null : elapsedMs / 1000);
    const { schema, name } = event.table;
    onAttempt(
      isSuccess,
      describeAttempt(attempt, {
        event_id: event.id,
        trigger_name: event.trigger,
        source_name: source,
        table: { schema, name },
        tries: event.tries,
      }),
    );
  }
}

/** One outcome that the database does not take, such as an answer beyond what a value may be, does not hold up the others. */
async function recordAll(outcomes: readonly Outcome[], queue: EventQueue): Promise<void> {
  try {
    await queue.record(outcomes);
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    const results = await Promise.allSettled(outcomes.map((outcome) => queue.record([outcome])));
    const failed = outcomes.filter((_, index) => results[index]?.status === 'rejected');
    if (failed.length > 0) await queue.recordBare(failed);
  }
}

function secondsSince(startedAt: number): number {
  return (performance.now() - startedAt) / 1000;
}
