import type { Clearing } from '../response-cache/index.ts';

const everything = 'clear cache';
const one = /^clear cache (key|family) ([0-9a-f]{64})$/;

/** How engines that keep answers in memory tell each other to forget some. */
export function clearingMessage(clearing: Clearing): string {
  if (clearing.kind === 'all') return everything;
  return `${everything} ${clearing.kind} ${clearing.kind === 'key' ? clearing.key : clearing.family}`;
}

/** Null: the message says something else. Whoever may notify in the metadata's database can write messages. */
export function readClearing(message: string): Clearing | null {
  if (message === everything) return { kind: 'all' };
  const [, kind, hash = ''] = one.exec(message) ?? [];
  if (kind === undefined) return null;
  return kind === 'key' ? { kind, key: hash } : { kind: 'family', family: hash };
}
