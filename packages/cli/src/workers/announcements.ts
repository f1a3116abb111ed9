import type { Worker } from 'node:cluster';

/**
 * Messages between a worker and the process that started it: a worker says `changed`; every other one is told to `follow` and says `followed`; the first one
 * is told `settled`. The number is the announcer's own.
 */
type Message =
  | { readonly kind: 'changed'; readonly number: number }
  | { readonly kind: 'follow'; readonly number: number }
  | { readonly kind: 'followed'; readonly number: number }
  | { readonly kind: 'settled'; readonly number: number };

/** Who has not followed by then does so later, as another engine on the same metadata would. */
const settleWithinMs = 3_000;

/** Passes announcements on to the other workers. */
export class AnnouncementRelay {
  readonly #workers = new Set<Worker>();
  /** By a number of ours: who has not followed yet, and what to do when all have. */
  readonly #pending = new Map<number, { readonly waitsFor: Set<Worker>; readonly settle: () => void }>();
  #lastNumber = 0;

  /** To be called when the worker listens: from then on others wait for it. */
  add(worker: Worker): void {
    this.#workers.add(worker);
    worker.on('message', (message: unknown) => {
      if (isMessage(message, 'changed')) this.#announce(worker, message.number);
      else if (isMessage(message, 'followed')) this.#followed(worker, message.number);
    });
  }

  remove(worker: Worker): void {
    this.#workers.delete(worker);
    for (const number of this.#pending.keys()) this.#followed(worker, number);
  }

  #announce(from: Worker, theirNumber: number): void {
    const number = ++this.#lastNumber;
    const others = [...this.#workers].filter((worker) => worker !== from);
    const settle = (): void => {
      clearTimeout(timer);
      this.#pending.delete(number);
      tell(from, { kind: 'settled', number: theirNumber });
    };
    const timer = setTimeout(settle, settleWithinMs);
    this.#pending.set(number, { waitsFor: new Set(others), settle });
    for (const worker of others) tell(worker, { kind: 'follow', number });
    if (others.length === 0) settle();
  }

  #followed(worker: Worker, number: number): void {
    const pending = this.#pending.get(number);
    if (pending?.waitsFor.delete(worker) && pending.waitsFor.size === 0) pending.settle();
  }
}

/** The same from a worker's side, as the engine takes it. */
export function workerPeers(): {
  announce(): Promise<void>;
  onAnnouncement(follow: () => Promise<void>): void;
} {
  const waiting = new Map<number, () => void>();
  let lastNumber = 0;
  process.on('message', (message: unknown) => {
    if (isMessage(message, 'settled')) waiting.get(message.number)?.();
  });
  return {
    announce() {
      const number = ++lastNumber;
      return new Promise((resolve) => {
        const settle = (): void => {
          clearTimeout(timer);
          waiting.delete(number);
          resolve();
        };
        // the process that started us may have gone
        const timer = setTimeout(settle, 2 * settleWithinMs);
        waiting.set(number, settle);
        tell(process, { kind: 'changed', number });
      });
    },
    onAnnouncement(follow) {
      process.on('message', (message: unknown) => {
        if (!isMessage(message, 'follow')) return;
        const { number } = message;
        const reply = (): void => tell(process, { kind: 'followed', number });
        follow().then(reply, reply);
      });
    },
  };
}

/** Whoever has gone is not told. */
function tell(to: Worker | NodeJS.Process, message: Message): void {
  const receiver = 'process' in to ? to.process : to;
  if (receiver.connected) receiver.send?.(message, undefined, undefined, () => {});
}

function isMessage<Kind extends Message['kind']>(
  message: unknown,
  kind: Kind,
): message is Extract<Message, { kind: Kind }> {
  return (
    typeof message === 'object' &&
    message !== null &&
    'kind' in message &&
    message.kind === kind &&
    'number' in message &&
    typeof message.number === 'number'
  );
}
