import type { Action } from '../model/index.ts';
import type { ActionLog, LoggedCall } from './action-log.ts';
import { callHandler } from './call-handler.ts';
import { ActionFailure } from './failure.ts';
import type { HandlerServices } from './types.ts';

export interface AsyncWorkerOptions {
  readonly log: ActionLog;
  readonly handler: HandlerServices;
  /** The actions in force. */
  readonly actions: () => ReadonlyMap<string, Action>;
  /** 0: calls are not processed here. */
  readonly intervalMs: number;
  /** Calls that run at the same time. */
  readonly batchSize: number;
  readonly onError: (error: unknown) => void;
}

/**
 * Processes the calls of asynchronous actions: takes some, asks their handlers at the same time, keeps what they answer. Several processes share the work;
 * a call is taken once, and never again, whatever happens to the process. Source: spec/actions.md 9.2.
 */
export class AsyncActionWorker {
  readonly #options: AsyncWorkerOptions;
  readonly #stopping = new AbortController();
  readonly #cancelling = new AbortController();
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> | null = null;
  #isWoken = false;

  constructor(options: AsyncWorkerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#schedule(this.#options.intervalMs);
  }

  /** A call was stored: it need not wait for the interval to end. */
  wake(): void {
    this.#isWoken = true;
    if (this.#running === null) this.#schedule(0);
  }

  /** Takes no more calls and waits for those that run; after the deadline they are cancelled, and fail. */
  async stop(deadlineMs: number): Promise<void> {
    this.#stopping.abort();
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#running === null) return;
    const deadline = setTimeout(() => this.#cancelling.abort(), deadlineMs);
    await this.#running;
    clearTimeout(deadline);
  }

  #schedule(delayMs: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#options.intervalMs === 0 || this.#stopping.signal.aborted) return;
    this.#timer = setTimeout(() => {
      this.#running = this.#run().finally(() => {
        this.#running = null;
        this.#schedule(this.#isWoken ? 0 : this.#options.intervalMs);
      });
    }, delayMs);
    this.#timer.unref();
  }

  /** Until there are no more calls. */
  async #run(): Promise<void> {
    const { log, batchSize, onError } = this.#options;
    for (;;) {
      this.#isWoken = false;
      const names = this.#names();
      if (names.length === 0 || this.#stopping.signal.aborted) return;
      try {
        const calls = await log.claim(names, batchSize);
        await Promise.all(calls.map((call) => this.#process(call)));
        if (calls.length < batchSize) return;
      } catch (error) {
        onError(error);
        return;
      }
    }
  }

  #names(): readonly string[] {
    return [...this.#options.actions().values()].flatMap(({ name, kind }) =>
      kind === 'async-mutation' ? [name] : [],
    );
  }

  async #process({ id, action: name, ...call }: LoggedCall): Promise<void> {
    const { log, handler, onError } = this.#options;
    try {
      const action = this.#options.actions().get(name);
      if (action === undefined) throw new ActionFailure('unexpected', `action "${name}" was dropped`);
      const { value } = await callHandler(
        { ...call, action, query: null, signal: this.#cancelling.signal },
        handler,
      );
      await log.complete(id, value);
    } catch (error) {
      if (!(error instanceof ActionFailure)) onError(error);
      const failure =
        error instanceof ActionFailure ? error : new ActionFailure('unexpected', 'Internal Server Error');
      await log.fail(id, failure.toJson()).catch(onError);
    }
  }
}
