/** How a call failed before there was an answer. Source: spec/actions.md 8.5. */
export type WebhookFailure =
  | 'invalid-url'
  | 'connection-failed'
  | 'connection-timeout'
  | 'response-timeout'
  | 'connection-closed'
  | 'too-many-redirects'
  | 'refused-address'
  | 'answer-too-large'
  | 'cancelled';

/** No answer came, or none that can be used. The message may name addresses: it is for the log and for those who may see internals. */
export class WebhookError extends Error {
  override readonly name = 'WebhookError';
  readonly failure: WebhookFailure;

  constructor(failure: WebhookFailure, message: string, cause?: unknown) {
    super(message, { cause });
    this.failure = failure;
  }
}
