import type { SampleQuery } from './try-file.ts';

/** What is printed when everything runs: address, secret, and commands to paste. */
export function welcome(address: string, adminSecret: string, queries: readonly SampleQuery[]): string {
  const lines = [
    '',
    `Postern serves ${address}`,
    `  GraphQL       ${address}/v1/graphql`,
    `  Console       ${address}/console#admin-secret=${encodeURIComponent(adminSecret)}`,
    `  Admin secret  ${adminSecret}`,
    '',
  ];
  if (queries.length > 0) {
    lines.push('Paste one of these into another terminal:', '');
    for (const sample of queries)
      lines.push(`# ${sample.who}`, curlCommand(address, adminSecret, sample), '');
  }
  lines.push('Ctrl-C stops it. The data stays; `npm start -- --reset` begins anew.', '');
  return lines.join('\n');
}

/** A command for a POSIX shell. A query without headers is asked without the secret, as the unauthorized role. */
export function curlCommand(address: string, adminSecret: string, sample: SampleQuery): string {
  const given = Object.entries(sample.headers);
  const headers: [string, string][] =
    given.length === 0 ? [] : [['x-hasura-admin-secret', adminSecret], ...given];
  return [
    `curl -s ${address}/v1/graphql`,
    ...headers.map(([name, value]) => `-H ${shellQuoted(`${name}: ${value}`)}`),
    `-d ${shellQuoted(JSON.stringify({ query: sample.query }))}`,
  ].join(' ');
}

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
