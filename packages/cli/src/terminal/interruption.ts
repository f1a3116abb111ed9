import type { Terminal } from './terminal.ts';

export type Interruption = {
  /** The user has asked to stop. */
  readonly isAsked: boolean;
  /** From now on Ctrl-C ends the process again. */
  forget(): void;
};

/** Ctrl-C is remembered, so that work in steps can end between two of them; a second one ends the process at once. */
export function watchInterruption({ log }: Terminal): Interruption {
  let isAsked = false;
  const remember = (): void => {
    isAsked = true;
    log.warn('stopping when the step at work is done; Ctrl-C once more ends at once');
  };
  process.once('SIGINT', remember);
  return {
    get isAsked() {
      return isAsked;
    },
    forget: () => process.off('SIGINT', remember),
  };
}
