import { Buffer } from 'node:buffer';
import type { Bytes } from '../database/index.ts';
import type { RemoteFieldJoin } from '../plan/index.ts';
import { during, InvariantError, type Json, parseJson, type Span, stringifyJson } from '../support/index.ts';
import type {
  AnsweredPlan,
  DelegatedAnswer,
  DelegatedExecutors,
  DelegatedRequest,
  PendingJoin,
  RemoteFieldJoiner,
} from './delegated.ts';
import type { Executable } from './executable.ts';
import { inSlices } from './in-slices.ts';
import { resolveJoins } from './joins/resolve-joins.ts';
import { type JoinSite, pendingAt } from './joins/sites.ts';
import type { QueryServices } from './run.ts';
import { textOf } from './text-of.ts';
import type { ExecutionInput } from './types.ts';
import { watchReaders } from './watch-statements.ts';

export type RequestInput = Omit<ExecutionInput<unknown>, 'schema'>;

/** Who answers what no source answers. */
export interface Delegates {
  readonly executors: DelegatedExecutors;
  readonly joiner: RemoteFieldJoiner | null;
}

/** What a request needs besides its own statements: the answers of others, and what belongs to its rows elsewhere. */
export class RequestServices implements QueryServices {
  readonly databases: QueryServices['databases'];
  readonly signal: AbortSignal | undefined;
  readonly input: RequestInput;
  readonly #executable: Executable;
  readonly #delegates: Delegates;
  /** Fields whose answers will be the same for ever. */
  #finalAnswers = 0;

  constructor(
    executable: Executable,
    input: RequestInput,
    delegates: Delegates,
    signal: AbortSignal | undefined,
  ) {
    // what a mutation's answer says must know of the mutation
    const readers =
      executable.operation === 'mutation' ? input.databases : (input.readers ?? input.databases);
    this.databases = watchReaders(readers, executable, input);
    this.signal = signal;
    this.input = input;
    this.#executable = executable;
    this.#delegates = delegates;
  }

  /** Whether all that was answered will be the same for ever: nothing of it came from a source. */
  get isFinal(): boolean {
    const { statements, delegated, joins } = this.#executable;
    return statements.length === 0 && joins.size === 0 && this.#finalAnswers === delegated.length;
  }

  async answerDelegated(plan: AnsweredPlan): Promise<Bytes | null> {
    if (plan.kind === 'introspection') {
      const pieces: Uint8Array[] = [];
      await inSlices(plan.begin(), this.signal, (piece) => void pieces.push(piece));
      return pieces;
    }
    const { executor: name } = plan.target;
    const executor = this.#delegates.executors[name];
    if (executor === undefined) throw new InvariantError(`nobody answers fields of "${name}"`);
    const { span, onPart } = this.input;
    onPart?.({ kind: name });
    const own = span?.child(`${name} ${plan.field.name}`, 'client');
    const asked = executor.execute(plan, this.#request(own));
    const answer = await (own === undefined ? asked : during(asked, own));
    if (answer.isFinal === true) this.#finalAnswers++;
    await this.#resolve(answer.joins);
    return [Buffer.from(stringifyJson(answer.value))];
  }

  async complete(column: Bytes | null, sites: readonly JoinSite[]): Promise<Bytes | null> {
    const text = textOf(column);
    if (text === null) return null;
    const value = parseJson(text);
    await this.#resolve(pendingAt(value, sites));
    return [Buffer.from(stringifyJson(value))];
  }

  #resolve(pending: readonly PendingJoin[]): Promise<void> {
    const { databases, signal, input } = this;
    const { session, request } = input;
    return resolveJoins(pending, {
      joins: this.#executable.joins,
      bindings: { session, variables: request.variables },
      databases,
      signal,
      joinRemoteFields: (join, rows) => this.#joinRemoteFields(join, rows),
    });
  }

  #joinRemoteFields(
    join: RemoteFieldJoin,
    rows: readonly (readonly Json[])[],
  ): Promise<readonly DelegatedAnswer[]> {
    const { joiner } = this.#delegates;
    if (joiner === null) throw new InvariantError('nobody asks remote schemas');
    const own = this.input.span?.child('remote fields', 'client');
    const asked = joiner.join(join, rows, this.#request(own));
    return own === undefined ? asked : during(asked, own);
  }

  /** Services that are asked get the headers of the client, with the span of the asking when there is one. */
  #request(span: Span | undefined): DelegatedRequest {
    const { request, session, clientHeaders: headers = [], onResponseHeader = ignore } = this.input;
    const clientHeaders = span?.carriedBy(headers) ?? headers;
    return { request, session, clientHeaders, signal: this.signal, onResponseHeader };
  }
}

function ignore(): void {}
