import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Redis, RedisOptions as DriverOptions } from 'ioredis';
import type { RedisClient, RedisOptions, RedisReply, RedisScript, RedisValue } from './types.ts';

/** A command that takes longer is given up, and the connection with it. */
const commandMs = 500;
const connectMs = 2000;
/** Opening waits this long for the connection; the engine starts without it, too. */
const openMs = 1000;
const firstRetryMs = 50;
const longestRetryMs = 1000;
/** Refusals of commands are told no more often than this. */
const refusalLogMs = 10_000;
/** Commands that wait for their answer. */
const maximumPending = 10_000;

/** Connects. The driver is loaded only here, so that engines without Redis do not carry it. Rejects when the CA file cannot be read. */
export async function openRedis(options: RedisOptions): Promise<RedisClient> {
  const tls = await tlsOptions(options);
  const { Redis: Driver } = await import('ioredis');
  const driver = new Driver(options.url, {
    lazyConnect: true,
    connectTimeout: connectMs,
    commandTimeout: commandMs,
    // whatever cannot be sent or answered now fails now
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempts) => Math.min(firstRetryMs * 2 ** Math.min(attempts, 10), longestRetryMs),
    connectionName: 'postern',
    disableClientInfo: true,
    protocol: 2,
    ...(tls === null ? {} : { tls }),
  });
  const client = new ScriptClient(driver, options);
  await Promise.race([
    // a failure has been told by then, and is tried again
    driver.connect().catch(() => {}),
    new Promise((resolve) => setTimeout(resolve, openMs).unref()),
  ]);
  return client;
}

async function tlsOptions({
  url,
  usesTls,
  tlsHostname,
  caPath,
}: RedisOptions): Promise<DriverOptions['tls'] | null> {
  if (!usesTls && !url.startsWith('rediss:')) return null;
  return {
    servername: tlsHostname ?? new URL(url).hostname,
    ...(caPath === null ? {} : { ca: await readFile(caPath, 'utf8') }),
  };
}

class ScriptClient implements RedisClient {
  readonly #driver: Redis;
  readonly #options: RedisOptions;
  readonly #hashes = new WeakMap<RedisScript, string>();
  /** Whether the last thing told was that there is no connection. */
  #isToldDown = false;
  #refusalToldAt = Number.NEGATIVE_INFINITY;
  #pending = 0;

  constructor(driver: Redis, options: RedisOptions) {
    this.#driver = driver;
    this.#options = options;
    driver.on('error', (error: Error) => this.#tellDown(error));
    driver.on('ready', () => {
      if (!this.#isToldDown) return;
      this.#isToldDown = false;
      options.log({
        level: 'info',
        message: `Redis of the ${options.purpose} is reachable again`,
        error: null,
      });
    });
  }

  async run(
    script: RedisScript,
    keys: readonly string[],
    values: readonly RedisValue[],
  ): Promise<RedisReply> {
    if (this.#pending >= maximumPending) throw new Error('too many commands wait for Redis');
    const parameters = [keys.length, ...keys, ...values.map(asArgument)];
    this.#pending++;
    try {
      try {
        return (await this.#driver.callBuffer('EVALSHA', this.#hashOf(script), ...parameters)) as RedisReply;
      } catch (error) {
        // Redis forgets scripts when it is started anew
        if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
        return (await this.#driver.callBuffer('EVAL', script.lua, ...parameters)) as RedisReply;
      }
    } catch (error) {
      this.#noteFailure(error instanceof Error ? error : new Error(String(error)));
      throw error;
    } finally {
      this.#pending--;
    }
  }

  close(): void {
    this.#driver.disconnect();
  }

  #hashOf(script: RedisScript): string {
    let hash = this.#hashes.get(script);
    if (hash === undefined) {
      hash = createHash('sha1').update(script.lua).digest('hex');
      this.#hashes.set(script, hash);
    }
    return hash;
  }

  #noteFailure(error: Error): void {
    // without a connection there has been an 'error' event already
    if (this.#driver.status !== 'ready') return;
    if (error.message === 'Command timed out') {
      if (this.#isToldDown) return;
      this.#tellDown(error);
      // what comes next fails at once, until a new connection has shown that Redis answers
      this.#driver.disconnect(true);
      return;
    }
    const now = performance.now();
    if (now - this.#refusalToldAt < refusalLogMs) return;
    this.#refusalToldAt = now;
    this.#log(`Redis of the ${this.#options.purpose} refuses a command`, error);
  }

  #tellDown(error: Error): void {
    if (this.#isToldDown) return;
    this.#isToldDown = true;
    this.#log(`Redis of the ${this.#options.purpose} cannot be used; the engine goes on without it`, error);
  }

  #log(message: string, error: Error): void {
    this.#options.log({ level: 'warn', message, error: error.message });
  }
}

function asArgument(value: RedisValue): string | number | Buffer {
  if (typeof value !== 'object') return value;
  return value instanceof Buffer ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
