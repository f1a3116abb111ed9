import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { rootCertificates } from 'node:tls';
import { messageOf, UserError } from '../user-error.ts';
import { proxyFor, TunnelAgent } from './proxy.ts';

export type Endpoint = {
  readonly endpoint: string;
  readonly skipsTlsVerification: boolean;
  readonly certificateAuthority: string | null;
  /** Where proxies are named; the process's own unless given. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
};

/** How a server is reached: with which certificates, and through which proxy. */
export type Way = {
  openAgent(keepAlive: boolean): http.Agent;
  /** For requests that are not encrypted; others go through the agent's tunnel. */
  readonly proxy: URL | null;
};

/** @throws UserError when the file of certificates cannot be read */
export function wayTo(options: Endpoint): Way {
  const authority =
    options.certificateAuthority === null ? null : readAuthority(options.certificateAuthority);
  const isEncrypted = options.endpoint.startsWith('https:');
  const proxy = proxyFor(new URL(options.endpoint), options.environment ?? process.env);
  return {
    proxy: isEncrypted ? null : proxy,
    openAgent(keepAlive) {
      if (!isEncrypted) return new http.Agent({ keepAlive });
      const settings = {
        keepAlive,
        rejectUnauthorized: !options.skipsTlsVerification,
        ...(authority === null ? {} : { ca: [...rootCertificates, authority] }),
      };
      return proxy === null ? new https.Agent(settings) : new TunnelAgent(proxy, settings);
    },
  };
}

function readAuthority(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UserError(`certificate_authority: ${messageOf(error)}`, { cause: error });
  }
  // TLS would ignore what it does not know, and then trust nobody
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  throw new UserError(
    `certificate_authority: ${path} holds no certificate in PEM (-----BEGIN CERTIFICATE-----)`,
  );
}
