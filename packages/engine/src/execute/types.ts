import type { AnsweredPart } from './answered-part.ts';
import type { Session } from '../authentication/index.ts';
import type { Bytes, Database, Reader } from '../database/index.ts';
import type { Plan, QualifiedName, VariableShape } from '../plan/index.ts';
import type { Span } from '../support/index.ts';
import type { DelegatedExecutors, RemoteFieldJoiner } from './delegated.ts';
import type { InputValidator } from './mutations/run-mutation.ts';
import type { TraceReader } from './mutations/session-query.ts';
import type { OperationRequest } from './operation-request.ts';
import type { StatementTags } from './query-tags.ts';

/** What the stages before make of a request. Both throw a RequestError that has the path of the fault. */
export interface Planner<Schema> {
  /** Parses, selects the operation, checks its variables and plans it under the role's schema. */
  readonly plan: (request: OperationRequest, schema: Schema) => PlannedOperation;
}

export interface PlannedOperation {
  readonly plan: Plan;
  /** Variables whose value has decided the plan's shape; of all others only whether they are absent, null or given. */
  readonly structuralVariables: ReadonlySet<string>;
  /** Of other variables also these shapes of their values have decided; by an identity of the shape. */
  readonly shapes?: ReadonlyMap<string, VariableShape>;
}

export interface ExecutorOptions<Schema> {
  readonly planner: Planner<Schema>;
  /** Calls the webhooks that permissions name; without it such mutations are refused. */
  readonly validateInput?: InputValidator;
  /** The trace that a request without a span of its own is part of, by the client's headers; told to triggers. */
  readonly readTrace?: TraceReader;
  /** Who answers fields that no source answers. */
  readonly delegated?: DelegatedExecutors;
  /** Who looks up fields of remote schemas for rows. */
  readonly remoteFieldJoiner?: RemoteFieldJoiner;
  /** How many plans are kept, and how much memory they may take, roughly. */
  readonly cache?: { readonly maxEntries?: number; readonly maxBytes?: number };
}

/** One request, with what it is answered from. */
export interface ExecutionInput<Schema> {
  readonly request: OperationRequest;
  readonly session: Session;
  /** Number of the model that `schema` and `databases` belong to; plans of other models are not used. */
  readonly modelId: number;
  /** The role's schema; asked for only when there is no plan. */
  readonly schema: () => Schema;
  readonly databases: ReadonlyMap<string, Database>;
  /** Where queries and subscriptions read, e.g. replicas; `databases` when absent. */
  readonly readers?: ReadonlyMap<string, Reader> | undefined;
  /** As they came, names and values in turn; for webhooks that want them. */
  readonly clientHeaders?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Aborted when nobody waits for the answer any more: queries end then, mutations are finished. */
  readonly clientSignal?: AbortSignal | undefined;
  /** The work that the request is part of, when it is traced. */
  readonly span?: Span | null | undefined;
  /** What its statements say about it, where sources want that. */
  readonly tags?: StatementTags | null | undefined;
  /** Is told what is asked of whom, for logs. */
  readonly onPart?: ((part: AnsweredPart) => void) | undefined;
  /** Takes headers that the client's answer shall have. */
  readonly onResponseHeader?: ((name: string, value: string) => void) | undefined;
  /**
   * Takes the beginning of an answer that is long to make, piece by piece; what it returns is waited for. What the promise of the answer resolves to is then the
   * rest. Only a query that describes a large schema and nothing else is answered so.
   */
  readonly onPiece?: ((piece: Uint8Array) => void | Promise<void>) | undefined;
}

/** A statement with the names in the answer of the root fields that it is for. */
export interface LoggedStatement {
  readonly source: string;
  readonly fields: readonly string[];
  readonly text: string;
  readonly parameters: readonly (string | null)[];
}

/** An operation with its values, ready to be run any number of times. */
export interface PreparedOperation {
  readonly kind: Plan['operation'];
  /** Equal keys answer equally. */
  readonly key: string;
  /** Equal identities answer equally for one role on equal databases, in any engine; null where more than statements takes part in the answer. */
  readonly identity: string | null;
  /** For logs: what is run, of a stream for its beginning. */
  readonly statements: () => readonly LoggedStatement[];
  readonly run: (signal?: AbortSignal) => Promise<Bytes>;
  /** Whether its last run has given an answer that will never be another one. */
  readonly isOver: () => boolean;
  /** For streaming subscriptions. */
  readonly stream?: StreamBatches;
  /** Of a subscription that may be run together with others; null: it is run by itself. */
  readonly together: TogetherRun | null;
  /** What the answer depends on besides the values; null where that cannot be told, or where it may change by the clock. */
  readonly reads: OperationReads | null;
}

/** How operations of one group are run in one statement. */
export interface TogetherRun {
  /** Equal for operations of one role with equal statements on one source of one model, whatever their values are. */
  readonly group: string;
  /** The values of this operation; `cursor`: of a stream, as for its batches. */
  readonly values: (cursor: string | null) => readonly (string | null)[];
  /**
   * The answers for many sets of values, in their order, from operations of this group. Rejects with a RequestError when one of them, nobody knows
   * which, fails.
   */
  readonly run: (
    sets: readonly (readonly (string | null)[])[],
    signal?: AbortSignal,
  ) => Promise<readonly StreamBatch[]>;
  /** For logs: the statement that answers many sets. */
  readonly text: string;
}

export interface OperationReads {
  readonly database: Reader;
  readonly relations: readonly QualifiedName[];
  readonly functions: readonly QualifiedName[];
}

/** An answer, and where a stream has come to with it: null when it has no rows, and for what is no stream. */
export interface StreamBatch {
  readonly answer: Bytes;
  readonly cursor: string | null;
}

/** The batches of a stream, one after another. */
export interface StreamBatches {
  /** Equal texts begin at equal places. */
  readonly start: string;
  /** The rows after the cursor (null: after the start), and the cursor after those; null when there are none. Rejects with a RequestError. */
  readonly batch: (cursor: string | null, signal?: AbortSignal) => Promise<StreamBatch>;
}

export interface Executor<Schema> {
  /** The complete response `{"data":…}`, in pieces, or what is left of it after `onPiece`. Rejects with a RequestError. */
  execute(input: ExecutionInput<Schema>): Promise<Bytes>;
  /** Plans and binds without running. Throws a RequestError. */
  prepare(input: ExecutionInput<Schema>): PreparedOperation;
  /** JSON text of the explain answer. Rejects with a RequestError. Source: spec/graphql-api.md 15. */
  explain(input: ExecutionInput<Schema>): Promise<string>;
  stats(): {
    readonly plans: number;
    readonly planBytes: number;
    readonly hits: number;
    readonly misses: number;
  };
}
