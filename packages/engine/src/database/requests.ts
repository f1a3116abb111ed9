import type {
  BatchResult,
  Bytes,
  LargeQuery,
  Parameter,
  Query,
  QueryOptions,
  Row,
  ScriptResult,
} from './types.ts';
import { Request } from './wire/request.ts';

/** Sends a request, or takes it back: the pool, or one leased connection. */
export interface RequestSink {
  submit(request: Request): void;
  /** Rejects the request with `reason`; what runs is cancelled. */
  abort(request: Request, reason: unknown): void;
  /** Whether a request may be sent again elsewhere. */
  readonly isRepeatable: boolean;
  readonly usePreparedStatements: boolean;
}

const NO_PARAMETERS: readonly string[] = [];

export function requestBytes(
  sink: RequestSink,
  query: Query,
  options: QueryOptions | undefined,
): Promise<readonly (Bytes | null)[]> {
  return start(sink, 'bytes', query.text, query.parameters, options);
}

export function requestList(
  sink: RequestSink,
  query: Query,
  options: QueryOptions | undefined,
): Promise<readonly (readonly (Bytes | null)[])[]> {
  return start(sink, 'list', query.text, query.parameters, options);
}

export function requestRows(
  sink: RequestSink,
  query: Query | LargeQuery,
  options: QueryOptions | undefined,
): Promise<readonly Row[]> {
  return start(sink, 'rows', query.text, query.parameters, options);
}

export function requestBatch(
  sink: RequestSink,
  queries: readonly Query[],
  options: QueryOptions | undefined,
): Promise<BatchResult> {
  const last = queries.at(-1);
  if (last === undefined) return Promise.resolve([]);
  // Its last statement stands for it where texts are compared.
  return start(sink, 'batch', last.text, NO_PARAMETERS, options, queries);
}

export function requestScript(
  sink: RequestSink,
  sql: string,
  signal: AbortSignal | undefined,
): Promise<ScriptResult> {
  return start(sink, 'script', sql, NO_PARAMETERS, signal === undefined ? undefined : { signal });
}

function start<Result>(
  sink: RequestSink,
  kind: Request['kind'],
  text: string,
  parameters: readonly Parameter[],
  options: QueryOptions | undefined,
  queries?: readonly Query[],
): Promise<Result> {
  const prepare = options?.prepare ?? sink.usePreparedStatements;
  const signal = options?.signal;
  const knownAs = options?.knownAs;
  const onSent = options?.onSent;
  if (signal !== undefined)
    return startAbortable(sink, kind, text, parameters, prepare, signal, queries, knownAs, onSent);
  return new Promise((resolve, reject) => {
    const { isRepeatable } = sink;
    const request = new Request(kind, text, parameters, prepare, isRepeatable, resolve, reject, queries);
    if (knownAs !== undefined) request.knownAs = knownAs;
    if (onSent !== undefined) request.onSent = onSent;
    sink.submit(request);
  });
}

/** Every query of a client comes through here: no more than what must be is done for one that is not aborted. */
function startAbortable<Result>(
  sink: RequestSink,
  kind: Request['kind'],
  text: string,
  parameters: readonly Parameter[],
  prepare: boolean,
  signal: AbortSignal,
  queries: readonly Query[] | undefined,
  knownAs: string | undefined,
  onSent: (() => void) | undefined,
): Promise<Result> {
  if (signal.aborted) return Promise.reject(signal.reason);
  return new Promise<Result>((resolve, reject) => {
    const onAbort = (): void => sink.abort(request, signal.reason);
    const request = new Request(
      kind,
      text,
      parameters,
      prepare,
      sink.isRepeatable,
      (result: Result) => {
        signal.removeEventListener('abort', onAbort);
        resolve(result);
      },
      (error) => {
        signal.removeEventListener('abort', onAbort);
        reject(error);
      },
      queries,
    );
    if (knownAs !== undefined) request.knownAs = knownAs;
    if (onSent !== undefined) request.onSent = onSent;
    signal.addEventListener('abort', onAbort);
    sink.submit(request);
  });
}
