/** The operation that an event belongs to; null where it could not be told. */
export interface OperationLabels {
  readonly kind: 'query' | 'mutation' | 'subscription';
  readonly name: string | null;
  readonly parameterizedHash: string;
}

export type SubscriptionKind = 'live-query' | 'streaming';

export interface Metrics {
  /** An operation over HTTP or a socket was answered; a subscription counts when it starts. */
  operationEnded(operation: OperationLabels | null, isSuccess: boolean, seconds: number): void;
  /** The function that comes back says that the subscription has ended. */
  subscriptionStarted(kind: SubscriptionKind, operation: OperationLabels | null): () => void;
  /** A poller looked for a new answer: the whole of it, and the part of the statement. */
  pollEnded(
    kind: SubscriptionKind,
    operation: OperationLabels | null,
    totalSeconds: number,
    statementSeconds: number,
  ): void;
  httpAnswered(requestBytes: number, responseBytes: number): void;
  webSocketReceived(bytes: number): void;
  /** A received message waited for those before it. */
  webSocketQueued(seconds: number): void;
  webSocketSent(bytes: number): void;
  /** The bytes of a message have left for the operating system. */
  webSocketWritten(seconds: number): void;
  /** Deliveries of events of event triggers. */
  readonly events: EventCounts;
  /** Deliveries of events of cron triggers, and of single ones. */
  readonly scheduledEvents: ScheduledEventCounts;
  spansSent(count: number): void;
  spansDropped(reason: 'buffer_full' | 'send_failed', count: number): void;
  /** Takes what happens to the connections of one database. */
  databaseObserver(database: DatabaseLabels): DatabaseEvents;
  /** States are read when somebody scrapes; what is given later replaces what was given before. */
  readStatesFrom(readers: Partial<StateReaders>): void;
  /** What was counted here, for another process of this instance. */
  report(): Promise<unknown>;
  /** A scrape in Prometheus's text format: what was counted here, and what other processes have reported. */
  expose(reports: readonly unknown[]): Promise<{ readonly contentType: string; readonly text: string }>;
}

/** Times in seconds. */
export interface EventCounts {
  onFetched(events: number, source: string, statementSeconds: number, isSuccess: boolean): void;
  /** A webhook was called, or could not be; null: nothing was sent. */
  onInvoked(trigger: string, source: string, isSuccess: boolean, webhookSeconds: number | null): void;
  /** An event was delivered or given up. */
  onProcessed(trigger: string, source: string, isSuccess: boolean, seconds: number): void;
  onQueued(trigger: string, source: string, seconds: number): void;
}

export interface ScheduledEventCounts {
  /** A webhook was called, or could not be. */
  onInvoked(kind: 'cron' | 'one-off', isSuccess: boolean): void;
  /** An event was delivered or given up. */
  onProcessed(kind: 'cron' | 'one-off', isSuccess: boolean): void;
}

export interface DatabaseLabels {
  readonly source: string;
  /** Says which database it is, without secrets. */
  readonly connectionInfo: string;
  readonly role: 'primary' | 'replica';
}

export interface DatabaseEvents {
  onConnected(elapsedMs: number): void;
  onConnectionFailed(): void;
  /** A statement, or somebody who wants a connection of his own, has left the line before the pool with a connection. */
  onWaited(elapsedMs: number): void;
}

export interface StateReaders {
  readonly httpConnections: () => number | Promise<number>;
  readonly webSocketConnections: () => number;
  readonly pollers: () => Readonly<
    Record<SubscriptionKind, { readonly running: number; readonly failing: number }>
  >;
  /** Events that are being delivered now. */
  readonly deliveries: () => number;
  /** Queries that asked the response cache since the start. */
  readonly cache: () => { readonly hits: number; readonly misses: number };
  readonly databases: () => readonly (DatabaseLabels & { readonly connections: number })[];
  readonly sourceHealth: () => Promise<readonly SourceHealth[]> | readonly SourceHealth[];
}

export interface SourceHealth {
  readonly source: string;
  readonly status: 'ok' | 'timeout' | 'failed' | 'error';
}
