import { defaultIgnoredClientHeaders } from '../metadata/index.ts';
import { fromRawHeaders, type HeaderList } from './headers.ts';

/** They describe the client's connection or the length of its message; ours has its own. Never forwarded, whatever a list says. */
const ofTheConnection = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'sec-websocket-extensions',
  'sec-websocket-key',
  'sec-websocket-protocol',
  'sec-websocket-version',
]);

/** Where a header that is not forwarded itself is told. */
const toldAs: Readonly<Record<string, string>> = {
  host: 'X-Forwarded-Host',
  'user-agent': 'X-Forwarded-User-Agent',
  origin: 'X-Forwarded-Origin',
};

/**
 * What of the client's headers is passed on with `forward_client_headers`: all but the ignored ones and those of the engine (`x-hasura-…`, hence also the
 * admin secret). Host, user agent and origin are told as `X-Forwarded-…`. Source: spec/actions.md 7.3.
 * @param raw names and values in turn
 * @param ignored names in any case; replaces the default list
 */
export function forwardedHeaders(
  raw: readonly string[],
  ignored: readonly string[] = defaultIgnoredClientHeaders,
): HeaderList {
  const ignoredNames = new Set(ignored.map((name) => name.toLowerCase()));
  const forwarded: (readonly [string, string])[] = [];
  const told: (readonly [string, string])[] = [];
  for (const [name, value] of fromRawHeaders(raw)) {
    const lowerName = name.toLowerCase();
    const other = toldAs[lowerName];
    if (other !== undefined) told.push([other, value]);
    const isForwarded =
      !ignoredNames.has(lowerName) && !ofTheConnection.has(lowerName) && !lowerName.startsWith('x-hasura-');
    if (isForwarded) forwarded.push([name, value]);
  }
  const toldNames = new Set(told.map(([name]) => name.toLowerCase()));
  return [...forwarded.filter(([name]) => !toldNames.has(name.toLowerCase())), ...told];
}

const ofTracing = /^(?:traceparent|tracestate|b3|x-b3-(?:traceid|spanid|parentspanid|sampled|flags))$/i;

/** The client's trace headers, which every call carries on, forwarding or not. Source: spec/server.md 2.6. */
export function traceHeaders(raw: readonly string[]): HeaderList {
  return fromRawHeaders(raw).filter(([name]) => ofTracing.test(name));
}
