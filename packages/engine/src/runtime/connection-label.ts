import type { ConnectionInfo } from '../metadata/index.ts';

/** What metrics call a connection: the variable that its URL comes from, or the URL without password and parameters. */
export function connectionLabel({ database_url: configured }: ConnectionInfo, url: string): string {
  if (typeof configured === 'object' && 'from_env' in configured) return configured.from_env;
  if (!URL.canParse(url)) return '';
  const { protocol, username, host, pathname } = new URL(url);
  return `${protocol}//${username === '' ? '' : `${username}@`}${host}${pathname}`;
}
