import type { Worker } from 'node:cluster';

/**
 * Between a worker and the process that started it: a worker asks, each other one is asked and answers, and the first one gets all answers. The number is
 * the asker's own.
 */
type Message =
  | { readonly kind: 'ask'; readonly number: number; readonly topic: string }
  | { readonly kind: 'asked'; readonly number: number; readonly topic: string }
  | { readonly kind: 'answer'; readonly number: number; readonly value: unknown }
  | { readonly kind: 'answers'; readonly number: number; readonly values: readonly unknown[] };

/** Whose answer has not come by then is not waited for. */
const answerWithinMs = 3_000;

interface Question {
  readonly waitsFor: Set<Worker>;
  readonly values: unknown[];
  readonly end: () => void;
}

/** Passes questions of workers on to the others. */
export class QuestionRelay {
  readonly #workers = new Set<Worker>();
  readonly #questions = new Map<number, Question>();
  #lastNumber = 0;

  /** To be called when the worker listens: from then on it is asked. */
  add(worker: Worker): void {
    this.#workers.add(worker);
    worker.on('message', (message: unknown) => {
      if (isMessage(message, 'ask')) this.#ask(worker, message);
      else if (isMessage(message, 'answer')) this.#take(worker, message);
    });
  }

  remove(worker: Worker): void {
    this.#workers.delete(worker);
    for (const question of this.#questions.values()) settle(question, worker);
  }

  #ask(
    from: Worker,
    { number: theirNumber, topic }: { readonly number: number; readonly topic: string },
  ): void {
    const number = ++this.#lastNumber;
    const others = [...this.#workers].filter((worker) => worker !== from);
    const values: unknown[] = [];
    const end = (): void => {
      clearTimeout(timer);
      this.#questions.delete(number);
      tell(from, { kind: 'answers', number: theirNumber, values });
    };
    const timer = setTimeout(end, answerWithinMs);
    this.#questions.set(number, { waitsFor: new Set(others), values, end });
    for (const worker of others) tell(worker, { kind: 'asked', number, topic });
    if (others.length === 0) end();
  }

  #take(worker: Worker, { number, value }: { readonly number: number; readonly value: unknown }): void {
    const question = this.#questions.get(number);
    if (question === undefined || !question.waitsFor.has(worker)) return;
    question.values.push(value);
    settle(question, worker);
  }
}

function settle({ waitsFor, end }: Question, worker: Worker): void {
  if (waitsFor.delete(worker) && waitsFor.size === 0) end();
}

/** The same from a worker's side, as the engine takes it. */
export function workerPeers(): {
  ask(topic: string): Promise<readonly unknown[]>;
  answer(topic: string, answer: () => Promise<unknown>): void;
} {
  const waiting = new Map<number, (values: readonly unknown[]) => void>();
  const answers = new Map<string, () => Promise<unknown>>();
  let lastNumber = 0;
  process.on('message', (message: unknown) => {
    if (isMessage(message, 'answers')) waiting.get(message.number)?.(message.values);
    else if (isMessage(message, 'asked')) void reply(message.number, answers.get(message.topic));
  });
  return {
    ask(topic) {
      const number = ++lastNumber;
      return new Promise((resolve) => {
        const end = (values: readonly unknown[]): void => {
          clearTimeout(timer);
          waiting.delete(number);
          resolve(values);
        };
        // the process that started us may have gone
        const timer = setTimeout(end, 2 * answerWithinMs, []);
        waiting.set(number, end);
        tell(process, { kind: 'ask', number, topic });
      });
    },
    answer(topic, answer) {
      answers.set(topic, answer);
    },
  };
}

/** Never rejects: who cannot answer says nothing of value. */
async function reply(number: number, answer: (() => Promise<unknown>) | undefined): Promise<void> {
  const value = await answer?.().catch(() => null);
  tell(process, { kind: 'answer', number, value: value ?? null });
}

/** Whoever has gone is not told. */
function tell(to: Worker | NodeJS.Process, message: Message): void {
  const receiver = 'process' in to ? to.process : to;
  if (receiver.connected) receiver.send?.(message, undefined, undefined, () => {});
}

function isMessage<Kind extends Message['kind']>(
  message: unknown,
  kind: Kind,
): message is Extract<Message, { kind: Kind }> {
  return typeof message === 'object' && message !== null && 'kind' in message && message.kind === kind;
}
