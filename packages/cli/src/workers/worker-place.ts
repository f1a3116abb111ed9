import cluster, { type Worker } from 'node:cluster';
import type { QuestionRelay } from './questions.ts';
import { BackOff } from './back-off.ts';
import { forwardLines } from './forward-lines.ts';

/** How a process ended. */
export interface WorkerEnd {
  readonly exitStatus: number | null;
  readonly signal: string | null;
}

/** The place of one worker: whoever ends there unasked is replaced. */
export class WorkerPlace {
  readonly #backOff = new BackOff();
  readonly #onEnd: (end: WorkerEnd, restartInMs: number) => void;
  readonly #relay: QuestionRelay;
  #worker: Worker | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isStopping = false;

  /** @param onEnd hears of every unasked end but one before the first worker listens */
  constructor(relay: QuestionRelay, onEnd: (end: WorkerEnd, restartInMs: number) => void) {
    this.#relay = relay;
    this.#onEnd = onEnd;
  }

  /** Resolves when the place has a worker that listens; with `isTrial`, to how the first one ended when it did before. */
  open({ isTrial }: { readonly isTrial: boolean }): Promise<WorkerEnd | null> {
    return new Promise((resolve) => {
      const fill = (endsTrial: boolean): void => {
        this.#timer = null;
        let listensSince: number | null = null;
        this.#fork({
          onListening() {
            listensSince = performance.now();
            resolve(null);
          },
          onEnd: (end) => {
            if (this.#isStopping) return;
            if (endsTrial && listensSince === null) return resolve(end);
            const waitMs = this.#backOff.next(listensSince === null ? 0 : performance.now() - listensSince);
            this.#onEnd(end, waitMs);
            this.#timer = setTimeout(fill, waitMs, false);
          },
        });
      };
      fill(isTrial);
    });
  }

  /** SIGTERM, and SIGKILL after the deadline; resolves when the place is empty and stays so. */
  async stop(deadlineMs: number): Promise<void> {
    this.#isStopping = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    const worker = this.#worker;
    if (worker === null) return;
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    worker.process.kill('SIGTERM');
    const timer = setTimeout(() => worker.process.kill('SIGKILL'), deadlineMs);
    await ended;
    clearTimeout(timer);
  }

  #fork(handlers: { readonly onListening: () => void; readonly onEnd: (end: WorkerEnd) => void }): void {
    const worker = cluster.fork();
    this.#worker = worker;
    const { stdout, stderr } = worker.process;
    if (stdout !== null) forwardLines(stdout, (lines) => process.stdout.write(lines));
    if (stderr !== null) forwardLines(stderr, (lines) => process.stderr.write(lines));
    worker.once('listening', () => {
      this.#relay.add(worker);
      handlers.onListening();
    });
    let hasEnded = false;
    const end = (how: WorkerEnd): void => {
      if (hasEnded) return;
      hasEnded = true;
      this.#worker = null;
      this.#relay.remove(worker);
      handlers.onEnd(how);
    };
    worker.once('exit', (exitStatus: number | null, signal: string | null) => end({ exitStatus, signal }));
    // a process that could not be started never exits
    worker.process.once('error', () => {
      if (worker.process.pid === undefined) end({ exitStatus: null, signal: null });
    });
  }
}
