/** Which origins may call from a browser. Source: spec/server.md 2.4. */
export type CorsPolicy =
  | { readonly kind: 'everyone' }
  | {
      readonly kind: 'listed';
      readonly origins: ReadonlySet<string>;
      /** `scheme` with `://`, `host` without the label that `*` stands for, `port` with its colon or empty. */
      readonly wildcards: readonly {
        readonly scheme: string;
        readonly host: string;
        readonly port: string;
      }[];
    };

/** `*`, or a comma-separated list of `scheme://[*.]host[:port]`; throws an Error that names a bad one. */
export function parseCorsPolicy(text: string): CorsPolicy {
  if (text.trim() === '*') return { kind: 'everyone' };
  const origins = new Set<string>();
  const wildcards: { scheme: string; host: string; port: string }[] = [];
  for (const part of text.split(',')) {
    const domain = part.trim();
    const match = /^([a-z][a-z0-9+.-]*:\/\/)(\*\.)?([^/:*\s]+)(:\d+)?\/?$/i.exec(domain);
    if (match === null) {
      throw new Error(
        `invalid domain: '${domain}'. All domains should have scheme + (optional wildcard) host + (optional port)`,
      );
    }
    const [, scheme = '', wildcard, host = '', port = ''] = match;
    if (wildcard === undefined) origins.add(`${scheme}${host}${port}`.toLowerCase());
    else wildcards.push({ scheme: scheme.toLowerCase(), host: host.toLowerCase(), port });
  }
  return { kind: 'listed', origins, wildcards };
}

/** Whether a browser page of this origin may call. */
export function isAllowedOrigin(policy: CorsPolicy, origin: string): boolean {
  if (policy.kind === 'everyone') return true;
  const lower = origin.toLowerCase();
  if (policy.origins.has(lower)) return true;
  return policy.wildcards.some(({ scheme, host, port }) => {
    const suffix = `.${host}${port}`;
    if (!lower.startsWith(scheme) || !lower.endsWith(suffix)) return false;
    const label = lower.slice(scheme.length, lower.length - suffix.length);
    return label !== '' && !/[./:@]/.test(label);
  });
}
