import { firstHeader, type RawHeaders } from '../authentication/index.ts';

/**
 * The address that a client is counted by. A client can send any header, so those of proxies are believed only when the operator says that there is
 * a proxy in front that sets them: then the one that it has added last counts.
 */
export function clientAddress(
  headers: RawHeaders,
  peer: string | null,
  { trustsForwardedAddresses }: { readonly trustsForwardedAddresses: boolean },
): string | null {
  if (trustsForwardedAddresses) {
    const told =
      firstHeader(headers, 'x-real-ip') ?? firstHeader(headers, 'x-forwarded-for')?.split(',').at(-1);
    const address = told?.trim() ?? '';
    if (address !== '') return address;
  }
  return peer;
}
