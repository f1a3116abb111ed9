import type { EventKind, TakenEvent } from './types.ts';

export interface LeasesOptions {
  readonly renew: (kind: EventKind, ids: readonly string[]) => Promise<void>;
  readonly intervalMs: number;
  readonly onError: (error: unknown) => void;
}

/** The events that this process works on, which it keeps taken as long as it does. */
export class Leases {
  readonly #options: LeasesOptions;
  readonly #held: Readonly<Record<EventKind, Set<string>>> = { cron: new Set(), 'one-off': new Set() };
  #timer: NodeJS.Timeout | null = null;

  constructor(options: LeasesOptions) {
    this.#options = options;
  }

  add(events: readonly TakenEvent[]): void {
    for (const { kind, id } of events) this.#held[kind].add(id);
    if (events.length > 0 && this.#timer === null) {
      this.#timer = setInterval(() => void this.#renew(), this.#options.intervalMs);
      this.#timer.unref();
    }
  }

  end({ kind, id }: TakenEvent): void {
    this.#held[kind].delete(id);
    if (this.#held.cron.size === 0 && this.#held['one-off'].size === 0) this.stop();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  async #renew(): Promise<void> {
    const { renew, onError } = this.#options;
    for (const kind of ['cron', 'one-off'] as const) {
      const ids = [...this.#held[kind]];
      if (ids.length > 0) await renew(kind, ids).catch(onError);
    }
  }
}
