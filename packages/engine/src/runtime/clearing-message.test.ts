import { expect, test } from 'vitest';
import { clearingMessage, readClearing } from './clearing-message.ts';

const hash = 'a1'.repeat(32);

test.each([[{ kind: 'all' }], [{ kind: 'key', key: hash }], [{ kind: 'family', family: hash }]] as const)(
  '%j arrives as it was sent, except at its sender',
  (clearing) => {
    const message = clearingMessage('one', clearing);
    expect(readClearing('another', message)).toEqual(clearing);
    expect(readClearing('one', message)).toBeNull();
  },
);

test.each([
  '',
  '7',
  'null',
  'clear cache',
  'clear cache from one: ',
  `clear cache from one: role ${hash}`,
  `clear cache from one: key ${hash}0`,
  'clear cache from one: key',
])('%j is something else', (message) => {
  expect(readClearing('another', message)).toBeNull();
});
