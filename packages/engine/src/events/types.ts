import type { HeaderConfiguration } from '../metadata/index.ts';
import type { JsonObject } from '../support/index.ts';
import type { Environment, HeaderList, WebhookClient } from '../webhooks/index.ts';

/** `template`: with `{{NAME}}`; `variable`: the whole address is in a variable of the environment. */
export type WebhookAddress =
  | { readonly kind: 'template'; readonly template: string }
  | { readonly kind: 'variable'; readonly name: string };

/** An event and whom to tell of it. */
export interface Delivery {
  readonly webhook: WebhookAddress;
  readonly headers: readonly HeaderConfiguration[];
  /** The body before its transform. */
  readonly payload: JsonObject;
  /** Of the record of the attempt: `2` for event triggers, `1` for scheduled ones. */
  readonly version: '1' | '2';
  readonly requestTransform?: JsonObject | undefined;
  readonly responseTransform?: JsonObject | undefined;
  /** Lower-case names; what transforms see. */
  readonly sessionVariables: ReadonlyMap<string, string>;
  /** They continue the trace in which the event came up. */
  readonly traceHeaders: HeaderList;
  /** For the answer. 0: the bound that every attempt has. */
  readonly timeoutMs: number;
  /** What the record says when an attempt took longer than any attempt may. */
  readonly overallTimeoutMessage: string;
}

export interface DeliveryServices {
  readonly client: WebhookClient;
  readonly environment: Environment;
  /** Of the contract, for `User-Agent`. */
  readonly version: string;
}

/** A row of an invocation log. Source: spec/events.md A5.3. */
export interface Invocation {
  /** Null: there was no answer. */
  readonly status: number | null;
  /** JSON text. */
  readonly request: string;
  /** JSON text. */
  readonly response: string;
}

export interface Attempt {
  /** `unsendable`: the transform of the request fails, and would fail again. */
  readonly result: 'delivered' | 'failed' | 'unsendable';
  /** What the webhook wishes, positive, of an answer that is no success. */
  readonly retryAfterSeconds: number | null;
  readonly invocation: Invocation;
  /** Where the answer came from, for logs and metrics. */
  readonly call: AttemptedCall;
}

export interface AttemptedCall {
  /** From sending to the end of the answer; null: nothing was sent. */
  readonly elapsedMs: number | null;
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly failure: { readonly type: 'client' | 'status' | 'internal'; readonly message: string } | null;
}

export interface RetryRule {
  readonly retries: number;
  readonly intervalSeconds: number;
}

/** What becomes of the event. */
export type NextStep =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'retry'; readonly afterSeconds: number }
  | { readonly kind: 'error' };
