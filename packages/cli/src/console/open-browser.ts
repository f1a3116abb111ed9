import { spawn } from 'node:child_process';
import type { Terminal } from '../terminal/index.ts';

const usual: Readonly<Record<string, string>> = { darwin: 'open', win32: 'explorer' };

/** Shows a page in the browser that is named, or in the usual one. Where there is none, the user opens the page. */
export function openBrowser(url: string, browser: string | null, { log }: Terminal): void {
  const program = browser ?? usual[process.platform] ?? 'xdg-open';
  const child = spawn(program, [url], { stdio: 'ignore', detached: true });
  child.on('error', (error) =>
    log.warn(`no browser was opened (${error.message}); open the address yourself`),
  );
  child.unref();
}
