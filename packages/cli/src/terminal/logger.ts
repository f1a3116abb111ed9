import { styleText } from 'node:util';
import { UserError } from '../user-error.ts';

const levels = ['debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof levels)[number];

export type LogFields = Readonly<Record<string, string | number>>;

/**
 * What a command says about its work, on stderr. On a terminal `INFO Metadata applied   name=x`; where stdout goes elsewhere one JSON object in each
 * line, `{"level":"info","msg":"Metadata applied","time":"…"}`. Source: spec/cli.md 5.
 */
export class Logger {
  readonly #least: number;
  readonly #writesJson: boolean;
  readonly #isColored: boolean;
  readonly #write: (line: string) => void;

  constructor(options: {
    readonly level: LogLevel;
    readonly writesJson: boolean;
    readonly isColored: boolean;
    readonly write: (line: string) => void;
  }) {
    this.#least = levels.indexOf(options.level);
    this.#writesJson = options.writesJson;
    this.#isColored = options.isColored;
    this.#write = options.write;
  }

  debug(message: string, fields: LogFields = {}): void {
    this.#log('debug', message, fields);
  }

  info(message: string, fields: LogFields = {}): void {
    this.#log('info', message, fields);
  }

  warn(message: string, fields: LogFields = {}): void {
    this.#log('warn', message, fields);
  }

  error(message: string, fields: LogFields = {}): void {
    this.#log('error', message, fields);
  }

  /** The command ends with this. */
  fatal(message: string, fields: LogFields = {}): void {
    this.#log('fatal', message, fields);
  }

  #log(level: LogLevel, message: string, fields: LogFields): void {
    if (levels.indexOf(level) < this.#least) return;
    this.#write(this.#writesJson ? json(level, message, fields) : this.#text(level, message, fields));
  }

  #text(level: LogLevel, message: string, fields: LogFields): string {
    const label = level.toUpperCase();
    const pairs = Object.entries(fields).map(([key, value]) => `${key}=${value}`);
    const tail = pairs.length === 0 ? '' : `   ${pairs.join(' ')}`;
    return `${this.#isColored ? styleText(colors[level], label) : label} ${message}${tail}\n`;
  }
}

const colors = { debug: 'gray', info: 'blue', warn: 'yellow', error: 'red', fatal: 'red' } as const;

function json(level: LogLevel, message: string, fields: LogFields): string {
  // the names that the Hasura CLI's logger uses
  const name = level === 'warn' ? 'warning' : level;
  return `${JSON.stringify({ level: name, msg: message, ...fields, time: new Date().toISOString() })}\n`;
}

/** @throws UserError */
export function parseLogLevel(text: string): LogLevel {
  const lower = text.toLowerCase();
  const level = levels.find((each) => each === (lower === 'warning' ? 'warn' : lower));
  if (level === undefined) {
    throw new UserError(`error validating log-level: ${text} is none of DEBUG, INFO, WARN, ERROR, FATAL`);
  }
  return level;
}
