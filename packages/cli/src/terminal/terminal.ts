import { createInterface } from 'node:readline/promises';
import { Logger, type LogLevel } from './logger.ts';

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const frameMs = 80;

/** Where a command speaks to people: log and progress on stderr, data on stdout, questions on a terminal only. */
export class Terminal {
  readonly log: Logger;
  /** Nobody can be asked otherwise. */
  readonly isInteractive: boolean;
  /** Differences may be coloured. */
  readonly isColored: boolean;
  readonly #isTerminal: boolean;
  #spinner: { readonly message: string; readonly since: number } | null = null;

  constructor(options: {
    readonly level: LogLevel;
    readonly isColorWanted: boolean;
    readonly mayAsk: boolean;
    /** Lines as those of the engine, whoever watches. */
    readonly isServer?: boolean;
  }) {
    this.#isTerminal = process.stdout.isTTY === true && options.isServer !== true;
    this.isInteractive = options.mayAsk && this.#isTerminal && process.stdin.isTTY === true;
    this.isColored = options.isColorWanted && this.#isTerminal && !process.env['NO_COLOR'];
    this.log = new Logger({
      level: options.level,
      form: options.isServer === true ? 'server' : this.#isTerminal ? 'text' : 'json',
      isColored: this.isColored,
      write: (line) => {
        this.#clearSpinner();
        process.stderr.write(line);
      },
    });
  }

  /** Data, for people and for pipes. */
  print(text: string): void {
    this.#clearSpinner();
    process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
  }

  /** Shows that the work goes on: a spinner with the time on a terminal, a line of the log elsewhere. */
  async during<T>(message: string, work: () => Promise<T>): Promise<T> {
    if (!this.#isTerminal || process.stderr.isTTY !== true) {
      this.log.info(message);
      return work();
    }
    const outer = this.#spinner;
    this.#spinner = { message, since: Date.now() };
    const timer = setInterval(() => this.#drawSpinner(), frameMs);
    this.#drawSpinner();
    try {
      return await work();
    } finally {
      clearInterval(timer);
      this.#clearSpinner();
      this.#spinner = outer;
    }
  }

  /** The answer to a question; the fallback for an empty one. Only where `isInteractive`. */
  async ask(question: string, fallback: string): Promise<string> {
    const lines = createInterface({ input: process.stdin, output: process.stderr });
    try {
      const answer = await lines.question(`${question}${fallback === '' ? '' : ` (${fallback})`} `);
      return answer.trim() === '' ? fallback : answer.trim();
    } finally {
      lines.close();
    }
  }

  async confirm(question: string): Promise<boolean> {
    const answer = await this.ask(`${question} (y/N)`, '');
    return /^y(es)?$/i.test(answer);
  }

  /** Lets one of the names be chosen, by its number or by itself. */
  async choose(question: string, names: readonly string[]): Promise<string> {
    const list = names.map((name, at) => `  ${at + 1}  ${name}`).join('\n');
    for (;;) {
      const answer = await this.ask(`${question}\n${list}\n>`, '');
      const chosen = names.find((name) => name === answer) ?? names[Number(answer) - 1];
      if (chosen !== undefined) return chosen;
    }
  }

  #drawSpinner(): void {
    if (this.#spinner === null) return;
    const { message, since } = this.#spinner;
    const passedMs = Date.now() - since;
    const frame = frames[Math.floor(passedMs / frameMs) % frames.length];
    const time = passedMs < 1_000 ? '' : ` ${(passedMs / 1_000).toFixed(0)} s`;
    process.stderr.write(`\r\u001b[2K${frame} ${message}${time}`);
  }

  #clearSpinner(): void {
    if (this.#spinner !== null && process.stderr.isTTY === true) process.stderr.write('\r\u001b[2K');
  }
}
