import type { Slots } from './slots.ts';

export interface DeliveryLoopOptions<E> {
  /** Takes events that are due, at most so many, in such a way that nobody else takes them. */
  readonly fetch: (limit: number) => Promise<readonly E[]>;
  /**
   * Delivers an event and records what became of it. Resolves to false when `signal` ended it before anything was known: the event is given back then. An event
   * whose processing rejects stays taken until its lock is too old.
   */
  readonly process: (event: E, signal: AbortSignal) => Promise<boolean>;
  /** Gives back events that nothing was done with. */
  readonly release: (events: readonly E[]) => Promise<void>;
  /** How long to wait after nothing was found. 0: the loop does nothing. */
  readonly intervalMs: number;
  /** Says after nothing was found how long to wait this time; without it, the interval. */
  readonly pauseMs?: () => Promise<number>;
  /** Events taken at once, and twice as many held. 0: the loop does nothing. */
  readonly batchSize: number;
  /** Shared by the loops of a process. */
  readonly slots: Slots;
  readonly onError: (error: unknown) => void;
}

/** After an error nothing is asked for at least this long. */
const errorPauseMs = 1000;

/**
 * Works off what is due: takes a batch, delivers its events at the same time, as far as there are slots, and takes the next batch while no more events are held
 * than one batch. Waits only when there was nothing. Source: spec/events.md A5.1.
 */
export class DeliveryLoop<E> {
  readonly #options: DeliveryLoopOptions<E>;
  /** One for each event that is being delivered. */
  readonly #calls = new Set<AbortController>();
  readonly #held = new Set<Promise<void>>();
  #isStopping = false;
  /** There may be something to take since the last fetch began. */
  #isWoken = false;
  /** The loop waits for events to end. */
  #isFull = false;
  #released: E[] = [];
  #running: Promise<void> | null = null;
  /** Ends the pause that the loop makes. */
  #wake: (() => void) | null = null;

  constructor(options: DeliveryLoopOptions<E>) {
    this.#options = options;
  }

  start(): void {
    const { intervalMs, batchSize } = this.#options;
    if (this.#running === null && intervalMs > 0 && batchSize > 0) this.#running = this.#run();
  }

  /** There may be something to take now: the wait after an empty fetch ends. */
  wake(): void {
    this.#isWoken = true;
    if (!this.#isFull) this.#wake?.();
  }

  /** Takes no more, waits for what runs until the deadline, cancels the rest, and gives back what nothing was done with. Never rejects. */
  async stop(deadlineMs: number): Promise<void> {
    this.#isStopping = true;
    this.#wake?.();
    const deadline = setTimeout(() => {
      for (const call of this.#calls) call.abort();
    }, deadlineMs);
    await this.#running;
    await Promise.all(this.#held);
    clearTimeout(deadline);
    const events = this.#released;
    this.#released = [];
    if (events.length > 0) await this.#options.release(events).catch(this.#options.onError);
  }

  async #run(): Promise<void> {
    const { fetch, batchSize, intervalMs, pauseMs, onError } = this.#options;
    while (!this.#isStopping) {
      try {
        this.#isWoken = false;
        const events = await fetch(batchSize);
        for (const event of events) this.#hold(event);
        if (events.length === 0) {
          const waitMs = (await pauseMs?.()) ?? intervalMs;
          if (!this.#isWoken) await this.#pause(waitMs);
        }
      } catch (error) {
        onError(error);
        await this.#pause(Math.max(intervalMs, errorPauseMs));
      }
      while (this.#held.size > batchSize && !this.#isStopping) {
        this.#isFull = true;
        await this.#pause(null);
        this.#isFull = false;
      }
    }
  }

  #hold(event: E): void {
    const work = this.#work(event).finally(() => {
      this.#held.delete(work);
      if (this.#isFull && this.#held.size <= this.#options.batchSize) this.#wake?.();
    });
    this.#held.add(work);
  }

  async #work(event: E): Promise<void> {
    const { slots, process, onError } = this.#options;
    try {
      const isDone = await slots.run(async () => {
        // still waiting for a slot when the loop stopped
        if (this.#isStopping) return false;
        const call = new AbortController();
        this.#calls.add(call);
        return process(event, call.signal).finally(() => this.#calls.delete(call));
      });
      if (!isDone) this.#released.push(event);
    } catch (error) {
      onError(error);
    }
  }

  /** Until somebody wakes the loop, at most so long. */
  #pause(ms: number | null): Promise<void> {
    if (this.#isStopping) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = ms === null ? null : setTimeout(() => this.#wake?.(), ms);
      this.#wake = () => {
        this.#wake = null;
        if (timer !== null) clearTimeout(timer);
        resolve();
      };
    });
  }
}
