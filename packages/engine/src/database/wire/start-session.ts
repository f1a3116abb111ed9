import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import type { ConnectionSettings } from '../settings.ts';
import { DatabaseConnectionError } from '../types.ts';
import { readErrorFields } from './error-fields.ts';
import { readCString } from './message-reader.ts';
import { type Message, MessageStream } from './message-stream.ts';
import { MessageWriter } from './message-writer.ts';
import {
  AUTHENTICATION,
  BACKEND_KEY_DATA,
  ERROR_RESPONSE,
  NEGOTIATE_PROTOCOL_VERSION,
  NOTICE_RESPONSE,
  PARAMETER_STATUS,
  READY_FOR_QUERY,
} from './messages.ts';
import { ScramClient } from './scram.ts';

/** What the server says about the session. */
export interface SessionInfo {
  /** Both are needed to cancel; zero when the server (some poolers) does not give them. */
  readonly processId: number;
  readonly secretKey: number;
  /** `server_version`, `TimeZone`, `in_hot_standby`, … */
  readonly parameters: Map<string, string>;
}

// Authentication requests. Source: PostgreSQL manual, "Message Formats", Authentication….
const AUTH_OK = 0;
const AUTH_CLEARTEXT = 3;
const AUTH_MD5 = 5;
const AUTH_SASL = 10;
const AUTH_SASL_CONTINUE = 11;
const AUTH_SASL_FINAL = 12;

/** Sends the start-up message, authenticates and waits until the session can take a query. */
export async function startSession(socket: Socket, settings: ConnectionSettings): Promise<SessionInfo> {
  const stream = new MessageStream(socket);
  const writer = new MessageWriter();
  writer.startup([
    ['user', settings.user],
    ['database', settings.database],
    ['client_encoding', 'UTF8'],
    ...settings.sessionParameters,
  ]);
  for (const piece of writer.take()) socket.write(piece);
  const authenticator = new Authenticator(settings);
  const parameters = new Map<string, string>();
  let processId = 0;
  let secretKey = 0;
  for (;;) {
    const message = await stream.next();
    switch (message.type) {
      case AUTHENTICATION: {
        const answer = await authenticator.answer(message);
        if (answer !== null) {
          writer.password(answer);
          for (const piece of writer.take()) socket.write(piece);
        }
        break;
      }
      case PARAMETER_STATUS: {
        const name = readCString(message.body, 0, message.body.length);
        parameters.set(name.text, readCString(message.body, name.end, message.body.length).text);
        break;
      }
      case BACKEND_KEY_DATA:
        processId = message.body.readInt32BE(0);
        secretKey = message.body.readInt32BE(4);
        break;
      case ERROR_RESPONSE: {
        const fields = readErrorFields(message.body, 0, message.body.length);
        throw new DatabaseConnectionError(fields.message, { sqlState: fields.sqlState });
      }
      case READY_FOR_QUERY:
        if (!authenticator.isComplete)
          throw new DatabaseConnectionError('the server skipped the authentication it began');
        stream.detach();
        return { processId, secretKey, parameters };
      case NOTICE_RESPONSE:
      case NEGOTIATE_PROTOCOL_VERSION:
        break;
      default:
        throw new DatabaseConnectionError('the server does not speak the PostgreSQL protocol');
    }
  }
}

class Authenticator {
  readonly #settings: ConnectionSettings;
  #scram: ScramClient | null = null;
  #isVerified = false;

  constructor(settings: ConnectionSettings) {
    this.#settings = settings;
  }

  /** False while a SCRAM exchange lacks the server's proof. */
  get isComplete(): boolean {
    return this.#scram === null || this.#isVerified;
  }

  /** The body of the password message to send, or null when nothing is asked. */
  async answer(message: Message): Promise<Buffer | null> {
    const { body } = message;
    const method = body.readInt32BE(0);
    switch (method) {
      case AUTH_OK:
        return null;
      case AUTH_CLEARTEXT:
        return cString(this.#password());
      case AUTH_MD5:
        return cString(md5Answer(this.#settings.user, this.#password(), body.subarray(4, 8)));
      case AUTH_SASL:
        return this.#beginScram(body.toString('utf8', 4).split('\0'));
      case AUTH_SASL_CONTINUE:
        return Buffer.from(await this.#exchange().finalMessage(body.toString('utf8', 4)));
      case AUTH_SASL_FINAL:
        this.#exchange().verify(body.toString('utf8', 4));
        this.#isVerified = true;
        return null;
      default:
        throw new DatabaseConnectionError(`authentication method ${method} is not supported`);
    }
  }

  #beginScram(mechanisms: readonly string[]): Buffer {
    if (!mechanisms.includes('SCRAM-SHA-256')) {
      throw new DatabaseConnectionError("none of the server's SASL authentication mechanisms are supported");
    }
    this.#scram = new ScramClient(this.#password());
    const first = Buffer.from(this.#scram.firstMessage());
    const length = Buffer.alloc(4);
    length.writeInt32BE(first.length);
    return Buffer.concat([cString('SCRAM-SHA-256'), length, first]);
  }

  #exchange(): ScramClient {
    if (this.#scram === null)
      throw new DatabaseConnectionError('the server continued an authentication that was not begun');
    return this.#scram;
  }

  #password(): string {
    const { password } = this.#settings;
    if (password === null)
      throw new DatabaseConnectionError('the server asks for a password and none was given');
    return password;
  }
}

function md5Answer(user: string, password: string, salt: Buffer): string {
  const md5 = (...parts: readonly (string | Buffer)[]): string => {
    const hash = createHash('md5');
    for (const part of parts) hash.update(part);
    return hash.digest('hex');
  };
  return `md5${md5(md5(password, user), salt)}`;
}

function cString(text: string): Buffer {
  return Buffer.from(`${text}\0`);
}
