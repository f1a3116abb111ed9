import type { Database } from '../database/index.ts';
import {
  type Attempt,
  attemptDelivery,
  BatchWriter,
  DeliveryLoop,
  type DeliveryServices,
  describeAttempt,
  missingVariables,
  nextStep,
  type Slots,
} from '../events/index.ts';
import type { JsonObject } from '../support/index.ts';
import { EventQueue, type Outcome } from './event-queue.ts';
import { Leases } from './leases.ts';
import { makeDelivery } from './make-delivery.ts';
import type { CronTriggers, EventKind, ScheduledEventObserver, TakenEvent } from './types.ts';

export interface ScheduledEventWorkerOptions {
  /** Where the events are kept. */
  readonly database: Database;
  readonly services: DeliveryServices;
  /** Shared with other deliveries of the process. */
  readonly slots: Slots;
  /** Those in force. */
  readonly triggers: () => CronTriggers;
  /** The longest time between two looks for events that are due; 0: this process delivers none. */
  readonly intervalMs: number;
  /** How long an event that nobody works on any more stays taken. */
  readonly leaseSeconds?: number;
  readonly observer: ScheduledEventObserver | null;
  /** An attempt was made. */
  readonly onAttempt: (isSuccess: boolean, detail: JsonObject) => void;
  readonly onError: (error: unknown) => void;
}

const defaultLeaseSeconds = 60;
/** Events taken at once. */
const batchSize = 100;
/** What is due and could not be taken, because somebody else holds it, is looked for again after this. */
const heldPauseMs = 100;
/** When an event whose trigger was dropped while it was taken is looked at again. */
const withoutTriggerSeconds = 60;

/** Delivers events when they are due, and keeps what became of them. Several processes share the work. Source: spec/events.md B4. */
export class ScheduledEventWorker {
  readonly #options: ScheduledEventWorkerOptions;
  readonly #queue: EventQueue;
  readonly #leases: Leases;
  readonly #loop: DeliveryLoop<TakenEvent>;
  readonly #writers: Readonly<Record<EventKind, BatchWriter<Outcome>>>;

  constructor(options: ScheduledEventWorkerOptions) {
    const { database, leaseSeconds = defaultLeaseSeconds, slots, intervalMs, onError } = options;
    this.#options = options;
    this.#queue = new EventQueue(database, leaseSeconds);
    this.#leases = new Leases({
      renew: (kind, ids) => this.#queue.renew(kind, ids),
      intervalMs: (leaseSeconds * 1000) / 3,
      onError,
    });
    this.#writers = { cron: this.#writer('cron'), 'one-off': this.#writer('one-off') };
    this.#loop = new DeliveryLoop<TakenEvent>({
      fetch: (limit) => this.#take(limit),
      process: (event, signal) => this.#process(event, signal),
      release: (events) => this.#release(events),
      intervalMs,
      pauseMs: () => this.#pauseMs(),
      batchSize,
      slots,
      onError,
    });
  }

  /** Takes up what an engine before has left behind. Never rejects. */
  async start(): Promise<void> {
    if (this.#options.intervalMs === 0) return;
    await this.#queue.releaseOrphans().catch(this.#options.onError);
    this.#loop.start();
  }

  /** Events or triggers have changed: what is due may be due sooner. */
  wake(): void {
    this.#loop.wake();
  }

  /** Takes no more and waits for what runs; after the deadline that is cancelled, and given back. Never rejects. */
  async stop(deadlineMs: number): Promise<void> {
    await this.#loop.stop(deadlineMs);
    this.#leases.stop();
  }

  async #take(limit: number): Promise<readonly TakenEvent[]> {
    const names = [...this.#options.triggers().keys()];
    const cron = names.length === 0 ? [] : await this.#queue.takeCronEvents(names, limit);
    this.#leases.add(cron);
    const left = limit - cron.length;
    const oneOff = left === 0 ? [] : await this.#queue.takeOneOffEvents(left);
    this.#leases.add(oneOff);
    return [...cron, ...oneOff];
  }

  /** Until the next event is due: others may come sooner, so that the wait has a bound. */
  async #pauseMs(): Promise<number> {
    const { intervalMs, triggers } = this.#options;
    const seconds = await this.#queue.secondsUntilDue([...triggers().keys()]);
    if (seconds === null) return intervalMs;
    return Math.min(seconds > 0 ? Math.ceil(seconds * 1000) : heldPauseMs, intervalMs);
  }

  async #release(events: readonly TakenEvent[]): Promise<void> {
    await this.#queue.release(events);
    for (const event of events) this.#leases.end(event);
  }

  async #process(event: TakenEvent, signal: AbortSignal): Promise<boolean> {
    const outcome = await this.#deliver(event, signal).catch((error: unknown) => {
      // taken no longer, so that it is delivered again
      this.#leases.end(event);
      throw error;
    });
    if (outcome === null) return false;
    try {
      // whoever gives up here delivers again
      await this.#writers[event.kind].addPatiently(outcome, this.#options.onError);
    } finally {
      this.#leases.end(event);
    }
    if (outcome.status === 'scheduled') this.#loop.wake();
    else this.#options.observer?.onProcessed(event.kind, outcome.status === 'delivered');
    return true;
  }

  /** Null: ended by the signal. */
  async #deliver(event: TakenEvent, signal: AbortSignal): Promise<Outcome | null> {
    const { services, triggers } = this.#options;
    const made = makeDelivery(event, triggers());
    if (made === null) return { ...waiting(event, withoutTriggerSeconds), invocation: null };
    const { delivery, retry } = made;
    // what cannot be sent is found before what is too late (spec/events.md B4)
    const isLate = event.latenessSeconds > retry.tolerance_seconds;
    if (isLate && missingVariables(delivery, services.environment).length === 0) {
      return { id: event.id, status: 'dead', afterSeconds: null, invocation: null };
    }
    const attempt = await attemptDelivery(delivery, services, signal);
    if (attempt === null) return null;
    this.#tell(event, attempt);
    const { invocation } = attempt;
    const step = nextStep(attempt, event.tries, {
      retries: retry.num_retries,
      intervalSeconds: retry.retry_interval_seconds,
    });
    if (step.kind === 'retry') return { ...waiting(event, step.afterSeconds), invocation };
    return { id: event.id, status: step.kind, afterSeconds: null, invocation };
  }

  #tell(event: TakenEvent, attempt: Attempt): void {
    const { observer, onAttempt } = this.#options;
    const isSuccess = attempt.result === 'delivered';
    observer?.onInvoked(event.kind, isSuccess);
    const trigger = event.kind === 'cron' ? { event_name: event.trigger } : {};
    onAttempt(isSuccess, describeAttempt(attempt, { event_id: event.id, ...trigger }));
  }

  #writer(kind: EventKind): BatchWriter<Outcome> {
    return new BatchWriter({
      write: (outcomes) => this.#queue.record(kind, outcomes),
    });
  }
}

function waiting({ id }: TakenEvent, afterSeconds: number): Omit<Outcome, 'invocation'> {
  return { id, status: 'scheduled', afterSeconds };
}
