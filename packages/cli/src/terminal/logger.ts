import { styleText } from 'node:util';
import { UserError } from '../user-error.ts';

const levels = ['debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof levels)[number];

export type LogFields = Readonly<Record<string, string | number>>;

/**
 * `text` for a terminal: `INFO Metadata applied   name=x`. `json` where stdout goes elsewhere, an object in each line: `{"level":"info","msg":"Metadata
 * applied","time":"…"}`. `server`: as the engine's own log. Source: spec/cli.md 5, 6.
 */
export type LogForm = 'text' | 'json' | 'server';

/** What a command says about its work. */
export class Logger {
  readonly #least: number;
  readonly #form: LogForm;
  readonly #isColored: boolean;
  readonly #write: (line: string) => void;

  constructor(options: {
    readonly level: LogLevel;
    readonly form: LogForm;
    readonly isColored: boolean;
    readonly write: (line: string) => void;
  }) {
    this.#least = levels.indexOf(options.level);
    this.#form = options.form;
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
    const forms = { text: () => this.#text(level, message, fields), json, server };
    this.#write(forms[this.#form](level, message, fields));
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

function server(level: LogLevel, message: string, fields: LogFields): string {
  const detail = { kind: 'migrations-apply', info: message, ...fields };
  // the engine has no `fatal`
  const known = level === 'fatal' ? 'error' : level;
  return `${JSON.stringify({ type: 'startup', timestamp: new Date().toISOString(), level: known, detail })}\n`;
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
