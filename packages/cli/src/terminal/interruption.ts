import type { Terminal } from './terminal.ts';

export type Interruption = {
  /** The user has asked to stop. */
  readonly isAsked: boolean;
  /** From now on Ctrl-C ends the process again. */
  forget(): void;
};

/** Ctrl-C, and what ends a job of a build server. */
const signals = ['SIGINT', 'SIGTERM'] as const;

/** The wish to stop is remembered, so that work in steps can end between two of them; a second signal ends the process at once. */
export function watchInterruption({ log }: Terminal): Interruption {
  let isAsked = false;
  const forget = (): void => {
    for (const signal of signals) process.off(signal, remember);
  };
  const remember = (): void => {
    isAsked = true;
    forget();
    log.warn('stopping when the step at work is done; Ctrl-C once more ends at once');
  };
  for (const signal of signals) process.on(signal, remember);
  return {
    get isAsked() {
      return isAsked;
    },
    forget,
  };
}
