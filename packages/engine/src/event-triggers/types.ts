import type { QualifiedName } from '../catalog/index.ts';
import type { EventTriggerMetadata } from '../metadata/index.ts';

/** A trigger of the metadata, and the table whose changes it tells of. */
export interface EventTrigger {
  readonly table: QualifiedName;
  readonly metadata: EventTriggerMetadata;
}

/** Those of a source, by name. */
export type EventTriggers = ReadonlyMap<string, EventTrigger>;

/** An event that this process has taken to deliver it. */
export interface TakenEvent {
  readonly id: string;
  readonly table: QualifiedName;
  readonly trigger: string;
  /** As it was stored, JSON text. */
  readonly payload: string;
  /** Without a zone, as the payload has it. */
  readonly createdAt: string;
  /** Attempts before this one. */
  readonly tries: number;
  /** Since it was due. */
  readonly waitedSeconds: number;
}

/** Who is told of deliveries, for metrics. Seconds. */
export interface EventObserver {
  onFetched(events: number, source: string, statementSeconds: number, isSuccess: boolean): void;
  onInvoked(trigger: string, source: string, isSuccess: boolean, webhookSeconds: number | null): void;
  onProcessed(trigger: string, source: string, isSuccess: boolean, seconds: number): void;
  onQueued(trigger: string, source: string, seconds: number): void;
}
