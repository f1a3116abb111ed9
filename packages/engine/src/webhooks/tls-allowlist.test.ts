import { expect, test } from 'vitest';
import { allowsAnyCertificate } from './tls-allowlist.ts';

test.each([
  [{ host: 'h' }, 'https://h/a', true],
  [{ host: 'H' }, 'https://h:8443/', true],
  [{ host: 'h' }, 'https://other/', false],
  [{ host: 'h', suffix: '8443' }, 'https://h:8443/', true],
  [{ host: 'h', suffix: '8443' }, 'https://h/', false],
  [{ host: 'h', suffix: '443' }, 'https://h/', true],
  [{ host: 'h', suffix: '/a' }, 'https://h/a/b', true],
  [{ host: 'h', suffix: 'a' }, 'https://h/ab', false],
  [{ host: 'h', permissions: ['self-signed'] }, 'https://h/', true],
  [{ host: 'h', permissions: [] }, 'https://h/', false],
])('%j excepts %s: %s', (entry, url, isExcepted) => {
  expect(allowsAnyCertificate(new URL(url), [entry])).toBe(isExcepted);
});
