import { expect, test } from 'vitest';
import { clientAddress } from './client-address.ts';

const forged = ['X-Forwarded-For', '1.1.1.1, 2.2.2.2'];

test.each([
  ['headers of anybody are not believed', forged, false, '9.9.9.9'],
  ['a proxy adds its client at the end', forged, true, '2.2.2.2'],
  ['or tells it alone', [...forged, 'x-real-ip', ' 3.3.3.3 '], true, '3.3.3.3'],
  ['without such headers the peer counts', [], true, '9.9.9.9'],
  ['nor do empty ones', ['x-real-ip', ''], true, '9.9.9.9'],
])('%s', (_what, headers, trustsForwardedAddresses, address) => {
  expect(clientAddress(headers, '9.9.9.9', { trustsForwardedAddresses })).toBe(address);
});
