/**
 * The two ways in which the same things are said. `legacy` is Apollo's subscriptions-transport-ws (its name on the wire is `graphql-ws`), the
 * other is graphql-transport-ws. Source: spec/graphql-api.md 14, spec/authentication.md 11.
 */
export interface SubProtocol {
  readonly name: 'graphql-ws' | 'graphql-transport-ws';
  /** The frame sent in intervals. */
  readonly keepAlive: string;
  /** Type of frames with results. */
  readonly resultType: 'data' | 'next';
  /** Payload of an `error` frame, from the JSON text of the list of errors. */
  readonly errorPayload: (errors: string) => string;
  /** Whether a failure while a query or mutation ran is told as a result with `errors`; otherwise in an `error` frame. */
  readonly tellsFailureAsResult: boolean;
  /** Null: the frame that precedes the closing is left out. */
  readonly connectionError: ((message: string) => string) | null;
  readonly initFailed: (message: string) => Close;
  readonly initTimeout: Close;
  /** Null: the connection stays open. */
  readonly malformed: ((detail: string) => Close) | null;
  /** How a start ends that came too early or twice; null: with `complete`. */
  readonly startFailed: ((message: string) => Close) | null;
}

export interface Close {
  readonly code: number;
  readonly reason: string;
}

export const connectionAck = '{"type":"connection_ack"}';

const timedOut = 'Connection initialisation timed out';

const legacy: SubProtocol = {
  name: 'graphql-ws',
  keepAlive: '{"type":"ka"}',
  resultType: 'data',
  errorPayload: (errors) => `{"errors":${errors}}`,
  tellsFailureAsResult: true,
  connectionError: (message) => `{"type":"connection_error","payload":${JSON.stringify(message)}}`,
  initFailed: (message) => ({
    code: 4400,
    reason: serverError(`4400: Connection initialization failed: ${message}`),
  }),
  initTimeout: { code: 1011, reason: timedOut },
  malformed: null,
  startFailed: null,
};

const transportWs: SubProtocol = {
  name: 'graphql-transport-ws',
  keepAlive: '{"type":"ping","payload":{"message":"keepalive"}}',
  resultType: 'next',
  errorPayload: (errors) => errors,
  tellsFailureAsResult: false,
  connectionError: null,
  initFailed: () => ({ code: 4403, reason: serverError('4403: Forbidden') }),
  initTimeout: { code: 4408, reason: timedOut },
  malformed: (detail) => ({
    code: 4400,
    reason: serverError(`4400: Parsing client message failed: ${detail}`),
  }),
  startFailed: (message) => ({ code: 1000, reason: serverError(`4400: ${message}`) }),
};

/** The newer protocol only when it was negotiated; everything else is the older one. */
export function subProtocolNamed(negotiated: string): SubProtocol {
  return negotiated === transportWs.name ? transportWs : legacy;
}

/** What is answered to a client's offers; false: none of them is known. */
export function chooseSubProtocol(offered: ReadonlySet<string>): string | false {
  for (const name of offered) if (name === transportWs.name || name === legacy.name) return name;
  return false;
}

function serverError(message: string): string {
  return JSON.stringify({ server_error_msg: message });
}

/** RFC 6455 allows 123 bytes of reason. */
export function truncateReason(reason: string): string {
  let bytes = Buffer.from(reason);
  if (bytes.length <= 123) return reason;
  bytes = bytes.subarray(0, 123);
  // a character that was cut in two is left out
  return bytes.toString('utf8').replace(/\uFFFD$/, '');
}
