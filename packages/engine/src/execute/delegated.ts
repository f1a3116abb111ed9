import type { Session } from '../authentication/index.ts';
import type { Join, RemoteFieldJoin, RootPlan } from '../plan/index.ts';
import type { Json } from '../support/index.ts';
import type { OperationRequest } from './operation-request.ts';

export type DelegatedPlan = Extract<RootPlan, { kind: 'delegated' }>;

/** Root fields that no statement answers. */
export type AnsweredPlan = DelegatedPlan | Extract<RootPlan, { kind: 'introspection' }>;

export type DelegatedExecutorName = DelegatedPlan['target']['executor'];

/** Answers root fields that no source answers. */
export interface DelegatedExecutor {
  /** Rejects with a RequestError, or an UpstreamErrors for errors that the client gets as they are. */
  execute(field: DelegatedPlan, request: DelegatedRequest): Promise<DelegatedAnswer>;
}

/** Looks fields up for many objects at once. */
export interface RemoteFieldJoiner {
  /** One answer for each row of values, in their order; equal rows are asked for once. Rejects with a RequestError. */
  join(
    join: RemoteFieldJoin,
    rows: readonly (readonly Json[])[],
    request: DelegatedRequest,
  ): Promise<readonly DelegatedAnswer[]>;
}

export type DelegatedExecutors = Partial<Readonly<Record<DelegatedExecutorName, DelegatedExecutor>>>;

/** On whose behalf a field is executed. */
export interface DelegatedRequest {
  readonly request: OperationRequest;
  readonly session: Session;
  /** As they came, names and values in turn. */
  readonly clientHeaders: readonly string[];
  readonly signal: AbortSignal | undefined;
  /** Takes headers that the client's answer shall have, such as `set-cookie`. */
  readonly onResponseHeader: (name: string, value: string) => void;
}

export interface DelegatedAnswer {
  /** The field's value as the selection wants it; members that joins will fill are there, in their places, as null. */
  readonly value: Json;
  readonly joins: readonly PendingJoin[];
  /** It will be the same for ever. */
  readonly isFinal?: boolean;
}

/** A member of an answer that is still to be looked up. */
export interface PendingJoin {
  readonly holder: Record<string, Json>;
  readonly key: string;
  readonly join: Join;
  /** What it is joined by; none of them is null, as null finds nothing. */
  readonly values: readonly Json[];
}
