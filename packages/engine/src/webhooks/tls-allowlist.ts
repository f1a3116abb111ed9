import type { TlsAllowlistEntry } from '../metadata/index.ts';

/**
 * Whether the metadata excepts the URL from verification of certificates. A suffix is a port or the beginning of the path.
 * Source: spec/metadata-api.md 2.5 (network), spec/actions.md 7.4.
 */
export function allowsAnyCertificate(url: URL, allowlist: readonly TlsAllowlistEntry[]): boolean {
  const port = url.port === '' ? '443' : url.port;
  return allowlist.some(({ host, suffix = null, permissions = null }) => {
    if (host.toLowerCase() !== url.hostname.toLowerCase()) return false;
    if (permissions !== null && !permissions.includes('self-signed')) return false;
    if (suffix === null || suffix === '') return true;
    if (/^:?\d+$/.test(suffix)) return suffix.replace(':', '') === port;
    const path = suffix.startsWith('/') ? suffix : `/${suffix}`;
    return url.pathname === path || url.pathname.startsWith(path.endsWith('/') ? path : `${path}/`);
  });
}
