import type { Session } from '../../authentication/index.ts';
import type { OperationIdentifier } from '../../graphql/index.ts';
import type { GraphqlRequest } from '../../runtime/index.ts';
import type { RequestError } from '../../support/index.ts';
import type { ServerContext } from '../context.ts';
import { flatError } from '../error-body.ts';
import type { Logger, TracePlace } from './logger.ts';
import { requestJson } from './query-log.ts';

/** The websocket-log lines of one connection. Source: spec/server.md 5.5. */
export class WebSocketLog {
  /** Known after a successful `connection_init`. */
  session: Session | null = null;
  readonly #logger: Logger;
  readonly #identify: OperationIdentifier;
  readonly #id: string;

  constructor({ logger, identify }: Pick<ServerContext, 'logger' | 'identify'>, id: string) {
    this.#logger = logger;
    this.#identify = identify;
    this.#id = id;
  }

  /** `note`: what the operator should know about it. */
  accepted(note: string | null = null): void {
    this.#write('info', null, () => ({ type: 'accepted', detail: null }), note);
  }

  /** The handshake was refused. */
  rejected(error: RequestError): void {
    this.#write('error', null, () => ({ type: 'rejected', detail: JSON.parse(flatError(error, true)) }));
  }

  connectionError(message: string): void {
    this.#write('error', null, () => ({ type: 'conn_err', detail: message }));
  }

  closed(): void {
    this.#write('info', null, () => ({ type: 'closed', detail: null }));
  }

  operation(
    id: string,
    requestId: string,
    request: GraphqlRequest,
    type: 'started' | 'query_err' | 'completed' | 'stopped',
    error: RequestError | null = null,
    place: TracePlace | null = null,
  ): void {
    const level = error === null ? 'info' : 'error';
    this.#write(level, place, () => {
      const detail = error === null ? null : JSON.parse(flatError(error, true));
      return this.#operation(id, requestId, request, { type, detail });
    });
  }

  /** An operation that could not even be begun; nothing is known of its request but what the client called it. */
  notStarted(id: string, request: GraphqlRequest, message: string): void {
    this.#write('error', null, () =>
      this.#operation(id, null, request, { type: 'proto_err', detail: message }),
    );
  }

  #operation(id: string, requestId: string | null, request: GraphqlRequest, type: OperationEvent): unknown {
    return {
      type: 'operation',
      detail: {
        operation_id: id,
        request_id: requestId,
        operation_name: request.operationName,
        parameterized_query_hash:
          requestId === null
            ? null
            : (this.#identify(request.query, request.operationName)?.parameterizedHash ?? null),
        query: this.#logger.isEnabled('query-log', 'info') ? JSON.parse(requestJson(request)) : null,
        operation_type: type,
      },
    };
  }

  #write(
    level: 'info' | 'error',
    place: TracePlace | null,
    event: () => unknown,
    message: string | null = null,
  ): void {
    if (!this.#logger.isEnabled('websocket-log', level)) return;
    const { session } = this;
    const detail = {
      event: event(),
      connection_info: {
        websocket_id: this.#id,
        token_expiry: session?.expiresAt?.toISOString() ?? null,
        msg: message,
      },
      user_vars: session === null ? null : Object.fromEntries(session.variables),
    };
    this.#logger.log('websocket-log', level, detail, place);
  }
}

interface OperationEvent {
  readonly type: 'started' | 'proto_err' | 'query_err' | 'completed' | 'stopped';
  readonly detail: unknown;
}
