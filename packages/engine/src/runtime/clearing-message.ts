import type { Clearing } from '../response-cache/index.ts';

const form = /^clear cache from (\S+): (?:(all)|(key|family) ([0-9a-f]{64}))$/;

/** How engines that keep answers in memory tell each other to forget some. `sender` is unlike that of any other process. */
export function clearingMessage(sender: string, clearing: Clearing): string {
  const head = `clear cache from ${sender}: ${clearing.kind}`;
  switch (clearing.kind) {
    case 'all':
      return head;
    case 'key':
      return `${head} ${clearing.key}`;
    case 'family':
      return `${head} ${clearing.family}`;
  }
}

/** Null: the message is the reader's own, or says something else. Whoever may notify in the metadata's database can write messages. */
export function readClearing(reader: string, message: string): Clearing | null {
  const [, sender, all, kind, hash = ''] = form.exec(message) ?? [];
  if (sender === undefined || sender === reader) return null;
  if (all !== undefined) return { kind: 'all' };
  return kind === 'key' ? { kind, key: hash } : { kind: 'family', family: hash };
}
