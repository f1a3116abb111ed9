import { DatabaseError } from '../types.ts';
import type { MessageWriter } from './message-writer.ts';

/** SQLSTATE character_not_in_repertoire. */
const INVALID_TEXT = '22021';

/** Of all texts of a connection together. PostgreSQL takes some 50 bytes for each, in every connection, until the statement is closed. */
const maximumCharacters = 500_000;
/** A longer text is not kept. */
const longestText = maximumCharacters / 2;

/** A statement that was given a name on one connection. */
export interface PreparedStatement {
  readonly text: string;
  readonly name: string;
  /** Column names once they were described. */
  columns: readonly string[] | null;
  isDescribed: boolean;
  /** False until the server has answered the Parse. */
  isParsed: boolean;
  /** The connection's counter at the last use. */
  lastUse: number;
}

/** The named statements of one connection: at most `limit`, and not too much of them; the least recently used ones give way. */
export class StatementCache {
  readonly #byText = new Map<string, PreparedStatement>();
  #characters = 0;
  readonly #limit: number;
  readonly #writer: MessageWriter;
  #names = 0;
  #uses = 0;

  constructor(limit: number, writer: MessageWriter) {
    this.#limit = limit;
    this.#writer = writer;
  }

  get size(): number {
    return this.#byText.size;
  }

  has(text: string): boolean {
    return this.#byText.has(text);
  }

  /** False: the text is too long to be kept, and is to be sent each time. */
  mayKeep(text: string): boolean {
    return text.length <= longestText;
  }

  /** The statement for a text; sends Parse when the connection does not have it yet. */
  prepare(text: string): PreparedStatement {
    let statement = this.#byText.get(text);
    if (statement === undefined) {
      refuseZero(text);
      while (this.#byText.size >= this.#limit || this.#isFull(text)) this.#evict();
      this.#names += 1;
      statement = {
        text,
        name: `p${this.#names}`,
        columns: null,
        isDescribed: false,
        isParsed: false,
        lastUse: 0,
      };
      this.#byText.set(text, statement);
      this.#characters += text.length;
      this.#writer.parse(statement.name, text);
    }
    this.#uses += 1;
    statement.lastUse = this.#uses;
    return statement;
  }

  /** Forgets a statement, if it is still the current one for its text, so that the next use prepares it anew. */
  drop(statement: PreparedStatement): void {
    if (this.#byText.get(statement.text) !== statement) return;
    this.#byText.delete(statement.text);
    this.#characters -= statement.text.length;
    // Requests that are on their way have been sent before this. Closing a statement that does not exist is no error.
    this.#writer.closeStatement(statement.name);
  }

  /** After `DISCARD ALL`. */
  clear(): void {
    this.#byText.clear();
    this.#characters = 0;
  }

  #isFull(text: string): boolean {
    return this.#byText.size > 0 && this.#characters + text.length > maximumCharacters;
  }

  #evict(): void {
    let oldest: PreparedStatement | null = null;
    for (const statement of this.#byText.values()) {
      if (oldest === null || statement.lastUse < oldest.lastUse) oldest = statement;
    }
    if (oldest !== null) this.drop(oldest);
  }
}

/** Texts of statements end with a zero byte on the wire, so that they cannot contain one. The error is the one PostgreSQL gives. */
export function refuseZero(text: string): void {
  if (text.includes('\0')) {
    throw new DatabaseError({
      sqlState: INVALID_TEXT,
      message: 'invalid byte sequence for encoding "UTF8": 0x00',
    });
  }
}
