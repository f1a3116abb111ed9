import type { CronTriggerMetadata, HeaderConfiguration, ScheduledRetry } from '../metadata/index.ts';
import type { Json } from '../support/index.ts';
import type { WebhookAddress } from '../events/index.ts';

/** Which of the two kinds an event is of: each has its tables. */
export type EventKind = 'cron' | 'one-off';

interface Taken {
  readonly id: string;
  /** In UTC, as it is sent: `2026-11-24T13:00:00Z`. */
  readonly scheduledTime: string;
  readonly latenessSeconds: number;
  /** Attempts so far. */
  readonly tries: number;
}

/** Due by the schedule of a trigger, which says all else. */
export interface CronEvent extends Taken {
  readonly kind: 'cron';
  readonly trigger: string;
}

/** Made by itself, with all that is to be known of it. */
export interface OneOffEvent extends Taken {
  readonly kind: 'one-off';
  readonly webhook: WebhookAddress;
  readonly headers: readonly HeaderConfiguration[];
  readonly retry: ScheduledRetry;
  readonly payload: Json;
  readonly comment: string | null;
  /** As `scheduledTime`. */
  readonly createdAt: string;
}

/** Taken by this process, so that nobody else delivers it. */
export type TakenEvent = CronEvent | OneOffEvent;

/** By name: those that are in force. */
export type CronTriggers = ReadonlyMap<string, CronTriggerMetadata>;

/** Told of what happens, for metrics. */
export interface ScheduledEventObserver {
  /** A webhook was called, or could not be. */
  onInvoked(kind: EventKind, isSuccess: boolean): void;
  /** Nothing more is tried. */
  onProcessed(kind: EventKind, isSuccess: boolean): void;
}
