import { expect, test } from 'vitest';
import { parseAddressRule } from './index.ts';

const open = ['93.184.216.34', '2606:2800:220:1::1', '::ffff:93.184.216.34', '64:ff9b::5db8:d822'];
const inPrivateNetworks = [
  '10.1.2.3',
  '172.31.255.255',
  '192.168.0.1',
  '100.64.0.1',
  'fd12::1',
  '198.18.0.1',
];
const here = [
  '127.0.0.1',
  '127.255.255.254',
  '0.0.0.0',
  '::1',
  '::',
  'fe80::1',
  'fe80::1%eth0',
  '169.254.169.254',
  'fd00:ec2::254',
  '100.100.100.200',
  '224.0.0.1',
  // the same in other words
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::127.0.0.1',
  '::ffff:0:127.0.0.1',
  '64:ff9b::7f00:1',
  '64:ff9b::169.254.169.254',
  '64:ff9b:1::7f00:1',
  '2002:7f00:1::',
  '2002:a9fe:a9fe::1',
];
const noAddresses = ['', 'localhost', '127.1', '0x7f000001', '2130706433', '127.0.0.1:80', '[::1]'];

function refusedBy(rule: string, addresses: readonly string[]): string[] {
  return addresses.filter((address) => !parseAddressRule(rule)(address));
}

test('each word refuses what it says', () => {
  expect(refusedBy('any', [...open, ...inPrivateNetworks, ...here])).toEqual([]);
  expect(refusedBy('not-local', [...open, ...inPrivateNetworks])).toEqual([]);
  expect(refusedBy('not-local', here)).toEqual(here);
  expect(refusedBy('public', open)).toEqual([]);
  expect(refusedBy('public', [...inPrivateNetworks, ...here])).toEqual([...inPrivateNetworks, ...here]);
  expect(refusedBy('not-local', noAddresses)).toEqual(noAddresses);
});

test('the edges of the networks', () => {
  const just = [
    '126.255.255.255',
    '128.0.0.0',
    '169.253.255.255',
    '169.255.0.0',
    '223.255.255.255',
    'fec0::1',
  ];
  expect(refusedBy('not-local', just)).toEqual([]);
  expect(
    refusedBy('public', ['9.255.255.255', '11.0.0.0', '172.15.0.1', '172.32.0.0', '192.169.0.0']),
  ).toEqual([]);
});

test('exceptions are allowed nonetheless, however the address is written', () => {
  const rule = 'public, 10.1.0.0/16, 127.0.0.1 ,fd00::7';
  expect(refusedBy(rule, ['10.1.9.9', '127.0.0.1', '::ffff:127.0.0.1', 'fd00::7'])).toEqual([]);
  expect(refusedBy(rule, ['10.2.0.1', '127.0.0.2', 'fd00::8'])).toEqual(['10.2.0.1', '127.0.0.2', 'fd00::8']);
});

test.each([
  '',
  'private',
  'public,host',
  'public,10.0.0.0/33',
  'any,::/129',
  'public,10.0.0.0/',
  'public,1.2.3.4/8/8',
])('the setting "%s" is refused', (text) => {
  expect(() => parseAddressRule(text)).toThrow(/Should be|neither an address/);
});
