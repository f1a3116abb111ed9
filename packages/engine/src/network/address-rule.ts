import { BlockList, isIP } from 'node:net';

/** Answers for an IPv4 or IPv6 address in text form. What is no address is refused. */
export type AddressRule = (address: string) => boolean;

export const allAddresses: AddressRule = () => true;

/**
 * - `any`: every address, as Hasura does;
 * - `not-local`: neither this machine and its link, nor where clouds hand out the credentials of a machine;
 * - `public`: in addition no private network and no range that is reserved.
 */
const words = ['any', 'not-local', 'public'] as const;
type Word = (typeof words)[number];

/** Source: IANA's registries of special-purpose addresses (RFC 6890), and the documentation of the clouds. */
const localNetworks: readonly string[] = [
  '0.0.0.0/8', // "this network"; Linux connects it to the loopback
  '127.0.0.0/8',
  '169.254.0.0/16', // link-local, with 169.254.169.254: credentials of machines at AWS, Azure, Google and others
  '100.100.100.200/32', // the same at Alibaba
  '168.63.129.16/32', // Azure's host
  '192.0.0.192/32', // the same at Oracle
  '224.0.0.0/4', // multicast
  '255.255.255.255/32',
  '::/128',
  '::1/128',
  'fe80::/10', // link-local
  'fd00:ec2::/32', // AWS by IPv6
  'fd20:ce::254/128', // Google by IPv6
  'ff00::/8', // multicast
];
const notPublicNetworks: readonly string[] = [
  '10.0.0.0/8',
  '100.64.0.0/10', // shared by carriers
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24', // documentation, as the next two
  '198.51.100.0/24',
  '203.0.113.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15', // benchmarks
  '240.0.0.0/4', // reserved
  '100::/64', // discard
  '2001::/23', // protocols, with Teredo
  '2001:db8::/32', // documentation
  '3fff::/20', // documentation
  'fc00::/7', // private
  'fec0::/10', // private once
];

const local = blockList(localNetworks);
const notPublic = blockList([...localNetworks, ...notPublicNetworks]);

/**
 * The rule behind `any`, `not-local` or `public`, with exceptions that are allowed nonetheless: `public,10.1.0.0/16,fd00::7`.
 * @throws Error whose message says what is expected
 */
export function parseAddressRule(text: string): AddressRule {
  const [first = '', ...exceptions] = text.split(',').map((part) => part.trim());
  const word = words.find((candidate) => candidate === first);
  if (word === undefined)
    throw new Error('Should be "any", "not-local" or "public", then allowed networks if any');
  return addressRule(
    word,
    exceptions.filter((part) => part !== ''),
  );
}

/** @throws Error for an exception that is neither an address nor a network */
export function addressRule(word: Word, exceptions: readonly string[] = []): AddressRule {
  const allowed = blockList(exceptions);
  if (word === 'any') return allAddresses;
  const refused = word === 'public' ? notPublic : local;
  return (address) => {
    const reached = withEmbedded(address);
    return (
      reached.length > 0 &&
      reached.every((one) => !contains(refused, one) || contains(allowed, one) || contains(allowed, address))
    );
  };
}

function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix, ...rest] = network.split('/');
    const family = isIP(address);
    const widest = family === 4 ? 32 : 128;
    const bits = prefix === undefined ? widest : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN;
    if (family === 0 || rest.length > 0 || !(bits <= widest))
      throw new Error(`"${network}" is neither an address nor a network such as 10.1.0.0/16`);
    list.addSubnet(address, bits, family === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}

function contains(list: BlockList, address: string): boolean {
  return list.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');
}

/** The address, and the IPv4 address that packets to it end at where it holds one. Empty for what is no address. */
function withEmbedded(text: string): readonly string[] {
  const address = text.replace(/%.*$/, ''); // the zone of a link-local address
  const family = isIP(address);
  if (family === 0) return [];
  if (family === 4) return [address];
  const embedded = embeddedIpv4(groupsOf(address));
  return embedded === null ? [address] : [address, embedded];
}

/** Mapped and compatible (RFC 4291), translated (RFC 2765, RFC 6052, RFC 8215), 6to4 (RFC 3056). */
function embeddedIpv4(groups: readonly number[]): string | null {
  const startsWith = (...prefix: readonly number[]) =>
    prefix.every((group, index) => groups[index] === group);
  if (startsWith(0x2002)) return ipv4(groups[1], groups[2]);
  const isInTheLastGroups =
    startsWith(0, 0, 0, 0, 0, 0xffff) ||
    startsWith(0, 0, 0, 0, 0xffff, 0) ||
    startsWith(0x64, 0xff9b, 0, 0, 0, 0) ||
    startsWith(0x64, 0xff9b, 1) ||
    (startsWith(0, 0, 0, 0, 0, 0) && (groups[6] ?? 0) !== 0);
  return isInTheLastGroups ? ipv4(groups[6], groups[7]) : null;
}

function ipv4(high = 0, low = 0): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/** The eight groups of an IPv6 address that `isIP` knows. */
function groupsOf(address: string): readonly number[] {
  const hexadecimal = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) =>
    [256 * Number(a) + Number(b), 256 * Number(c) + Number(d)].map((group) => group.toString(16)).join(':'),
  );
  const [head = '', tail] = hexadecimal.split('::');
  const read = (part: string) =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  if (tail === undefined) return read(head);
  const [before, after] = [read(head), read(tail)];
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}
