import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { DatabaseConnectionError } from '../types.ts';

const deriveKey = promisify(pbkdf2);
const KEY_BYTES = 32;
/** A server could keep us busy with more; PostgreSQL's default is 4096. */
const MAX_ITERATIONS = 10_000_000;
/** Without channel binding: the base64 of the header `n,,`. */
const GS2_HEADER = 'n,,';

/**
 * The client's side of SCRAM-SHA-256 (RFC 5802, RFC 7677) as PostgreSQL speaks it: the user name stays empty, since the server
 * takes the one of the start-up message.
 */
export class ScramClient {
  readonly #password: string;
  readonly #nonce: string;
  #serverSignature: Buffer | null = null;

  constructor(password: string, nonce: string = randomBytes(18).toString('base64')) {
    this.#password = password;
    this.#nonce = nonce;
  }

  firstMessage(): string {
    return `${GS2_HEADER}${this.#firstBare()}`;
  }

  /** The answer to the server's first message. */
  async finalMessage(serverFirst: string): Promise<string> {
    const attributes = readAttributes(serverFirst);
    const nonce = attributes.get('r') ?? '';
    const salt = attributes.get('s');
    const iterations = Number(attributes.get('i'));
    if (!nonce.startsWith(this.#nonce) || nonce.length === this.#nonce.length || salt === undefined) {
      throw new DatabaseConnectionError('invalid SCRAM response from the server');
    }
    if (!Number.isInteger(iterations) || iterations < 1 || iterations > MAX_ITERATIONS) {
      throw new DatabaseConnectionError('invalid SCRAM iteration count from the server');
    }
    const salted = await deriveKey(
      normalizePassword(this.#password),
      Buffer.from(salt, 'base64'),
      iterations,
      KEY_BYTES,
      'sha256',
    );
    const clientKey = hmac(salted, 'Client Key');
    const storedKey = createHash('sha256').update(clientKey).digest();
    const withoutProof = `c=${Buffer.from(GS2_HEADER).toString('base64')},r=${nonce}`;
    const authMessage = `${this.#firstBare()},${serverFirst},${withoutProof}`;
    const signature = hmac(storedKey, authMessage);
    const proof = Buffer.alloc(KEY_BYTES);
    for (let i = 0; i < KEY_BYTES; i++) proof[i] = (clientKey[i] as number) ^ (signature[i] as number); // both have KEY_BYTES
    this.#serverSignature = hmac(hmac(salted, 'Server Key'), authMessage);
    return `${withoutProof},p=${proof.toString('base64')}`;
  }

  /** Checks that the server knows the password too. */
  verify(serverFinal: string): void {
    const signature = Buffer.from(readAttributes(serverFinal).get('v') ?? '', 'base64');
    const expected = this.#serverSignature;
    if (expected === null || signature.length !== expected.length || !timingSafeEqual(signature, expected)) {
      throw new DatabaseConnectionError('incorrect SCRAM server signature');
    }
  }

  #firstBare(): string {
    return `n=,r=${this.#nonce}`;
  }
}

/** The part of SASLprep (RFC 4013) that matters: other spaces become a space, invisible characters go, then NFKC. */
function normalizePassword(password: string): string {
  return password
    .replace(/[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/g, ' ')
    .replace(/\u00ad|\u034f|\u1806|[\u180b-\u180d]|\u200c|\u200d|\u2060|[\ufe00-\ufe0f]|\ufeff/g, '')
    .normalize('NFKC');
}

function readAttributes(message: string): Map<string, string> {
  return new Map(message.split(',').map((part) => [part.slice(0, 1), part.slice(2)]));
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
