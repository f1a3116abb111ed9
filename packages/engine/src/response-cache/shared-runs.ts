interface Run<T> {
  readonly result: Promise<T>;
  readonly ending: AbortController;
  waiting: number;
}

type Begin<T> = (signal: AbortSignal, isCurrent: () => boolean) => Promise<T>;

/** Lets those who want the same at the same time wait for one run. */
export class SharedRuns<T> {
  readonly #runs = new Map<string, Run<T>>();

  /**
   * Waits for a run that is going on, or begins one. A caller whose signal is aborted leaves; the run's signal is aborted when all have left.
   * `isNew`: what has begun already will not do; the new run takes its place, which the old one learns from `isCurrent`.
   */
  share(
    key: string,
    begin: Begin<T>,
    { signal, isNew }: { readonly signal: AbortSignal | undefined; readonly isNew: boolean },
  ): Promise<T> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    const run = (isNew ? undefined : this.#runs.get(key)) ?? this.#begin(key, begin);
    run.waiting++;
    if (signal === undefined) return run.result;
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        reject(signal.reason);
        if (--run.waiting > 0) return;
        this.#forget(key, run);
        run.ending.abort(signal.reason);
      };
      signal.addEventListener('abort', leave);
      run.result.finally(() => signal.removeEventListener('abort', leave)).then(resolve, reject);
    });
  }

  #begin(key: string, begin: Begin<T>): Run<T> {
    const isCurrent = (): boolean => this.#runs.get(key) === run;
    const ending = new AbortController();
    const run: Run<T> = {
      ending,
      waiting: 0,
      result: begin(ending.signal, isCurrent).finally(() => this.#forget(key, run)),
    };
    this.#runs.set(key, run);
    return run;
  }

  #forget(key: string, run: Run<T>): void {
    if (this.#runs.get(key) === run) this.#runs.delete(key);
  }
}
