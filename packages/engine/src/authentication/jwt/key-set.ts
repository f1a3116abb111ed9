import { createPublicKey, type JsonWebKey } from 'node:crypto';
import type { WebhookAnswer, WebhookClient } from '../../webhooks/index.ts';
import { parseHttpDate } from '../http-date.ts';
import type { AuthenticationLog } from '../types.ts';
import { urlWithoutPassword } from '../url-without-password.ts';
import { publicKey, secretKey, type VerificationKey } from './algorithms.ts';

const fetchTimeoutMs = 30_000;
const maximumSetBytes = 1024 * 1024;
const tickMs = 60_000;
const startRetries = 5;
const firstBackOffMs = 200;
/** Tokens with key ids that nobody knows lead to no more requests than this allows. */
const coolDownMs = 30_000;

export interface KeySetOptions {
  readonly client: WebhookClient;
  readonly log: AuthenticationLog;
  /** How often expired sets are looked for. */
  readonly tickMs?: number;
  /** How long after a fetch an unknown key id leads to no other one. */
  readonly coolDownMs?: number;
}

/** Keys fetched from a `jwk_url`, renewed when their time is over and when a token names a key that is not among them. Source: spec/authentication.md 9.10. */
export class RemoteKeySet {
  readonly #url: string;
  readonly #client: WebhookClient;
  readonly #log: AuthenticationLog;
  #keys: readonly VerificationKey[] = [];
  /** Null: never fetched again. */
  #expiresAt: number | null = null;
  #refreshing: Promise<boolean> | null = null;
  #fetchedAt = Date.now();
  readonly #coolDownMs: number;
  readonly #timer: NodeJS.Timeout;

  private constructor(
    url: string,
    { client, log, tickMs: everyMs = tickMs, coolDownMs: coolMs = coolDownMs }: KeySetOptions,
  ) {
    this.#coolDownMs = coolMs;
    this.#url = url;
    this.#client = client;
    this.#log = log;
    this.#timer = setInterval(() => void this.#refreshIfDue(), everyMs).unref();
  }

  /** Resolves with the first keys; rejects with the contract's text when they cannot be had in about six seconds. */
  static async open(url: string, options: KeySetOptions): Promise<RemoteKeySet> {
    for (let attempt = 0; ; attempt++) {
      try {
        const fetched = await fetchKeys(url, options.client);
        const set = new RemoteKeySet(url, options);
        set.#accept(fetched);
        options.log({
          level: 'info',
          type: 'jwk-refresh-log',
          detail: { message: 'fetched the JWK set', error: null },
        });
        return set;
      } catch (error) {
        if (attempt >= startRetries) throw error;
        options.log(failure(error));
        await new Promise((resolve) => setTimeout(resolve, firstBackOffMs * 2 ** attempt));
      }
    }
  }

  get keys(): readonly VerificationKey[] {
    return this.#keys;
  }

  /** Fetches the keys because the id is not one of theirs. Resolves with true when they are newer than before; never rejects. */
  async refreshFor(keyId: string): Promise<boolean> {
    if (this.#keys.some(({ id }) => id === keyId)) return false;
    if (this.#refreshing === null && Date.now() - this.#fetchedAt < this.#coolDownMs) return false;
    return this.#refresh();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #accept({ keys, expiresAt }: FetchedKeys): void {
    this.#keys = keys;
    if (expiresAt !== 'unreadable') this.#expiresAt = expiresAt;
  }

  /** Never rejects: a failure keeps the keys that are there. */
  async #refreshIfDue(): Promise<void> {
    const isDue = this.#keys.length === 0 || (this.#expiresAt !== null && this.#expiresAt <= Date.now());
    if (isDue && this.#refreshing === null) await this.#refresh();
  }

  /** One at a time. */
  #refresh(): Promise<boolean> {
    this.#refreshing ??= this.#fetchAgain().finally(() => {
      this.#refreshing = null;
      this.#fetchedAt = Date.now();
    });
    return this.#refreshing;
  }

  async #fetchAgain(): Promise<boolean> {
    try {
      this.#accept(await fetchKeys(this.#url, this.#client));
      this.#log({
        level: 'info',
        type: 'jwk-refresh-log',
        detail: { message: 'renewed the JWK set', error: null },
      });
      return true;
    } catch (error) {
      this.#log(failure(error));
      return false;
    }
  }
}

/** Source of the shape: spec/server.md 5.6. */
function failure(error: unknown): Parameters<AuthenticationLog>[0] {
  const message = error instanceof Error ? error.message : String(error);
  const told = error instanceof RefusedFetch ? error.told : { http_exception: message };
  return { level: 'error', type: 'jwk-refresh-log', detail: { message, error: told } };
}

/** The address answered, but not with keys. */
class RefusedFetch extends Error {
  readonly told: { readonly status_code: number; readonly url: string; readonly response: string };

  constructor(status: number, url: string, response: string) {
    const shown = urlWithoutPassword(url);
    super(`Non-2xx response on fetching JWK from: ${shown}`);
    this.told = { status_code: status, url: shown, response: response.slice(0, loggedCharacters) };
  }
}

/** Of an answer that was no set of keys. */
const loggedCharacters = 4096;

interface FetchedKeys {
  readonly keys: readonly VerificationKey[];
  /** Milliseconds since 1970; null without an expiry. */
  readonly expiresAt: number | null | 'unreadable';
}

async function fetchKeys(url: string, client: WebhookClient): Promise<FetchedKeys> {
  let answer: WebhookAnswer;
  try {
    answer = await client.send({
      url,
      method: 'GET',
      headers: [],
      body: null,
      timeoutMs: fetchTimeoutMs,
      maximumAnswerBytes: maximumSetBytes,
    });
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new Error(`Error fetching JWK: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
  const { status, headers, body } = answer;
  if (status < 200 || status > 299) throw new RefusedFetch(status, url, body);
  const header = (wanted: string) => headers.find(([name]) => name.toLowerCase() === wanted)?.[1] ?? null;
  return {
    keys: readKeys(body, url),
    expiresAt: expiryOf(header('cache-control'), header('expires'), Date.now()),
  };
}

/** The usable keys of a set; ones that check nothing here are left out. */
export function readKeys(text: string, url: string): readonly VerificationKey[] {
  let list: unknown;
  try {
    list = (JSON.parse(text) as { keys?: unknown } | null)?.keys;
  } catch {
    list = null;
  }
  if (!Array.isArray(list)) throw new Error(`Error parsing JWK from url: ${urlWithoutPassword(url)}`);
  return list.flatMap((item) => readKey(item));
}

function readKey(item: unknown): readonly VerificationKey[] {
  if (typeof item !== 'object' || item === null) return [];
  const jwk = { ...item } as JsonWebKey & { use?: unknown };
  if (jwk.use !== undefined && jwk.use !== 'sig' && jwk.use !== 'enc') return [];
  if (typeof jwk.n === 'string') jwk.n = cleanNumber(jwk.n);
  if (typeof jwk.e === 'string') jwk.e = cleanNumber(jwk.e);
  const name = typeof jwk['kid'] === 'string' ? { id: jwk['kid'] } : {};
  try {
    if (jwk.kty === 'oct') {
      return typeof jwk.k === 'string' ? [{ ...secretKey(Buffer.from(jwk.k, 'base64url')), ...name }] : [];
    }
    return [{ ...publicKey(createPublicKey({ key: jwk, format: 'jwk' })), ...name }];
  } catch {
    return [];
  }
}

/** AWS Cognito pads, uses the other alphabet and leads with zero bytes. */
function cleanNumber(encoded: string): string {
  const bytes = Buffer.from(
    encoded.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, ''),
    'base64url',
  );
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  return bytes.subarray(start).toString('base64url');
}

/** When a fetched set is to be fetched again. Source: the first five rules of spec/authentication.md 9.10. */
export function expiryOf(
  cacheControl: string | null,
  expires: string | null,
  now: number,
): number | null | 'unreadable' {
  if (cacheControl !== null) {
    const directives = cacheControl
      .toLowerCase()
      .split(',')
      .map((directive) => directive.trim());
    const age = directives.find((directive) => /^(max-age|s-maxage)\b/.test(directive));
    const seconds =
      age === undefined ? null : (/^(?:max-age|s-maxage)\s*=\s*(\d+)$/.exec(age)?.[1] ?? 'unreadable');
    if (directives.includes('must-revalidate')) return seconds === null ? now : after(now, seconds);
    if (directives.includes('no-cache') || directives.includes('no-store')) return now;
    if (seconds !== null) return after(now, seconds);
  }
  if (expires !== null) return parseHttpDate(expires)?.getTime() ?? 'unreadable';
  return null;
}

function after(now: number, seconds: string): number | 'unreadable' {
  return seconds === 'unreadable' ? 'unreadable' : now + Number(seconds) * 1000;
}
