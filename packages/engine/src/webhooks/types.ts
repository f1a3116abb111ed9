import type { TlsAllowlistEntry } from '../metadata/index.ts';
import type { HeaderList } from './headers.ts';

export interface WebhookRequest {
  readonly method: string;
  /** Absolute, `http:` or `https:`. */
  readonly url: string;
  /** Length and host are added. */
  readonly headers: HeaderList;
  /** Null: no body. */
  readonly body: string | null;
  /** For the whole exchange, redirects and the answer's body included. 0: no limit but the one that every exchange has. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Redirects that are followed; an answer that redirects further is given back with 0, and fails the call otherwise. */
  readonly maximumRedirects?: number;
  /** An answer with a larger body fails the call. */
  readonly maximumAnswerBytes?: number;
}

export interface WebhookAnswer {
  readonly status: number;
  readonly headers: HeaderList;
  /** Decompressed, read as UTF-8. */
  readonly body: string;
}

export interface WebhookClient {
  /** Rejects with a WebhookError. An answer of any status is an answer. Nothing is ever sent twice. */
  send(request: WebhookRequest): Promise<WebhookAnswer>;
  /** Closes idle connections. */
  close(): void;
}

export interface WebhookClientOptions {
  /** Whether connections to the address are allowed; asked for the address that is connected to, after names are resolved. */
  readonly allowsAddress?: (address: string) => boolean;
  /** Hosts whose certificates are not verified, as they are configured now. */
  readonly tlsAllowlist?: () => readonly TlsAllowlistEntry[];
  /** Connections to one host at a time; further requests wait within their time-out. */
  readonly maximumConnections?: number;
}
