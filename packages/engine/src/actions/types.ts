import type { Action } from '../model/index.ts';
import type { Json, JsonObject } from '../support/index.ts';
import type { Environment, WebhookClient } from '../webhooks/index.ts';

/** One call of an action. */
export interface HandlerCall {
  readonly action: Action;
  readonly input: JsonObject;
  /** Lower-case names. */
  readonly sessionVariables: ReadonlyMap<string, string>;
  /** As they came, names and values in turn. */
  readonly clientHeaders: readonly string[];
  /** The document as the client sent it; null for asynchronous calls. */
  readonly query: string | null;
  readonly signal?: AbortSignal | undefined;
}

export interface HandlerServices {
  readonly client: WebhookClient;
  readonly environment: Environment;
  /** Of the contract, for `User-Agent`. */
  readonly version: string;
  /** Headers of the configuration win over those of the client and the defaults. */
  readonly configuredHeadersFirst: boolean;
  readonly log: (entry: HandlerLog) => void;
}

/** Source: spec/actions.md 12. */
export interface HandlerLog {
  readonly type: 'action-handler-log';
  readonly detail: Json;
}

export interface HandlerAnswer {
  /** Checked against the action's type. */
  readonly value: Json;
  /** `Set-Cookie` headers. */
  readonly cookies: readonly string[];
}
