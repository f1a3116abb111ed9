import cluster from 'node:cluster';
import { QuestionRelay } from './questions.ts';
import { type WorkerEnd, WorkerPlace } from './worker-place.ts';

export interface WorkerOptions {
  readonly count: number;
  /** How long workers get to finish what runs when they are asked to stop; then they are killed. */
  readonly stopDeadlineMs: number;
  /** Called for every worker that ended unasked. */
  readonly onEnd: (event: WorkerEnd & { readonly worker: number; readonly restartInMs: number }) => void;
}

export interface WorkerGroup {
  /** SIGTERM to all of them; resolves when all have ended. A second call waits for the first. */
  stop(): Promise<void>;
  /**
   * Starts all; resolves when all listen. The first one starts alone, because what is wrong with the settings is wrong for all: when it ends before it
   * listens the result is how, and nothing runs.
   */
  start(): Promise<WorkerEnd | null>;
}

/** This very command again, in `count` processes that share what they listen on. */
export function createWorkers({ count, stopDeadlineMs, onEnd }: WorkerOptions): WorkerGroup {
  const relay = new QuestionRelay();
  const places = Array.from(
    { length: count },
    (_, index) =>
      new WorkerPlace(relay, (end, restartInMs) => onEnd({ ...end, worker: index + 1, restartInMs })),
  );
  let isStopping = false;
  let stopped: Promise<unknown> | null = null;
  return {
    async start() {
      // The workers accept connections themselves: handed over by us, a connection would hang when its worker died before it had taken it.
      if (process.env['NODE_CLUSTER_SCHED_POLICY'] === undefined)
        cluster.schedulingPolicy = cluster.SCHED_NONE;
      // this fixes the policy; their output comes through us, in whole lines
      cluster.setupPrimary({ silent: true });
      const [first, ...others] = places;
      const failure = await first?.open({ isTrial: true });
      if (failure != null || isStopping) return failure ?? null;
      await Promise.all(others.map((place) => place.open({ isTrial: false })));
      return null;
    },
    async stop() {
      isStopping = true;
      stopped ??= Promise.all(places.map((place) => place.stop(stopDeadlineMs)));
      await stopped;
    },
  };
}
