import { expect, test } from 'vitest';
import { clearingMessage, readClearing } from './clearing-message.ts';

const hash = 'a1'.repeat(32);

test.each([[{ kind: 'all' }], [{ kind: 'key', key: hash }], [{ kind: 'family', family: hash }]] as const)(
  '%j arrives as it was sent',
  (clearing) => {
    expect(readClearing(clearingMessage(clearing))).toEqual(clearing);
  },
);

test.each(['', '7', 'null', 'clear', 'clear cache ', `clear cache role ${hash}`, `clear cache key ${hash}0`])(
  '%j is something else',
  (message) => {
    expect(readClearing(message)).toBeNull();
  },
);
