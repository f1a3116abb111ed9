import { lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { WebhookError } from './webhook-error.ts';

/** Answers for an IPv4 or IPv6 address whether it may be connected to. */
type AddressRule = (address: string) => boolean;

/**
 * A host that is an address is connected to without a lookup.
 * @throws WebhookError `refused-address`
 */
export function refuseLiteralAddress(url: URL, allowsAddress: AddressRule): void {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (isIP(host) !== 0 && !allowsAddress(host)) throw refusedAddress(host);
}

/** Resolves names to allowed addresses only: what is checked is what is connected to, so that a name cannot change its meaning in between. */
export function guardedLookup(allowsAddress: AddressRule): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, '', 0);
      const allowed = addresses.filter(({ address }) => allowsAddress(address));
      const first = allowed[0];
      if (first === undefined) return callback(refusedAddress(hostname), '', 0);
      if (options.all === true) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}

function refusedAddress(host: string): WebhookError {
  return new WebhookError('refused-address', `Connections to ${host} are not allowed`);
}
