import {
  ActionLog,
  AsyncActionWorker,
  createActionExecutor,
  type HandlerServices,
} from '../actions/index.ts';
import type { Database } from '../database/index.ts';
import type { DelegatedExecutor } from '../execute/index.ts';
import type { Model } from '../model/index.ts';
import type { WebhookClient } from '../webhooks/index.ts';
import type { RuntimeOptions } from './types.ts';

export interface ActionServiceOptions {
  readonly runtime: RuntimeOptions;
  readonly client: WebhookClient;
  /** Where the calls of asynchronous actions are kept. */
  readonly database: Database;
  /** The one in force. */
  readonly model: () => Model;
}

/** Actions as the runtime needs them: who answers their fields, and who works off the calls of the asynchronous ones. */
export class ActionService {
  readonly executor: DelegatedExecutor;
  readonly #log: ActionLog;
  readonly #worker: AsyncActionWorker;
  readonly #options: RuntimeOptions;

  constructor({ runtime, client, database, model }: ActionServiceOptions) {
    const { environment, version, configuredHeadersFirst, asyncActions } = runtime;
    const handler: HandlerServices = {
      client,
      environment,
      version,
      configuredHeadersFirst,
      log: (entry) => runtime.log({ level: 'info', ...entry }),
    };
    this.#options = runtime;
    this.#log = new ActionLog(database);
    this.#worker = new AsyncActionWorker({
      log: this.#log,
      handler,
      actions: () => model().actions,
      ...asyncActions,
      onError: (error) => this.#report('calls of asynchronous actions could not be worked off', error),
    });
    this.executor = createActionExecutor({
      handler,
      log: this.#log,
      onCallStored: () => this.#worker.wake(),
    });
  }

  start(): void {
    this.#worker.start();
  }

  stop(deadlineMs: number): Promise<void> {
    return this.#worker.stop(deadlineMs);
  }

  /** Forgets the calls of actions that are no more. They are in nobody's way, so that a failure does not fail the command. */
  async clear(names: Iterable<string>): Promise<void> {
    for (const name of names) {
      await this.#log
        .clear(name)
        .catch((error: unknown) =>
          this.#report(`the calls of the action "${name}" could not be removed`, error),
        );
    }
  }

  #report(message: string, error: unknown): void {
    this.#options.log({
      level: 'error',
      type: 'action-handler-log',
      detail: { message, error: String(error) },
    });
  }
}
