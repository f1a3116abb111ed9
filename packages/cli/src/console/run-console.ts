import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { CommandContext } from '../command.ts';
import { isSet, type Options, type Session, text } from '../session/index.ts';
import { UserError } from '../user-error.ts';
import { isLoopback } from './guard.ts';
import { openBrowser } from './open-browser.ts';
import { startConsole } from './start-console.ts';

const consolePort = 9695;
const apiPort = 9693;

/** `console`. Resolves at Ctrl-C. */
export async function runConsole(session: Session, { options, repository }: CommandContext): Promise<void> {
  const { terminal, config } = session;
  const address = text(options, 'address') ?? 'localhost';
  const running = await startConsole(session, {
    address,
    consolePort: portIn(options, 'consolePort', consolePort),
    apiPort: portIn(options, 'apiPort', apiPort),
    apiHost: text(options, 'apiHost') ?? null,
    dataApiUrl: text(options, 'consoleHgeEndpoint') ?? null,
    assets: isSet(options, 'useServerAssets') ? null : assetsFolder(text(options, 'staticDir'), repository),
  });
  try {
    if (!isLoopback(address)) {
      terminal.log.warn(
        `whoever reaches ${address} can change this project and its server: the API asks for no secret`,
      );
    }
    terminal.log.info(`console running at: ${running.pageUrl}`);
    terminal.log.info(`changes become files by: ${running.apiUrl}/apis/migrate and /apis/metadata`);
    // behind `#` it stays in the browser
    const secret =
      config.adminSecret === null ? '' : `#admin-secret=${encodeURIComponent(config.adminSecret)}`;
    if (options['browser'] !== false && terminal.isInteractive)
      openBrowser(`${running.pageUrl}console${secret}`, text(options, 'browser') ?? null, terminal);
    await stopSignal();
  } finally {
    await running.close();
  }
}

/** @throws UserError when no console lies there */
function assetsFolder(given: string | undefined, repository: string): string {
  const folder = given === undefined ? join(repository, 'packages', 'console', 'dist') : resolve(given);
  if (existsSync(join(folder, 'index.html'))) return folder;
  throw new UserError(
    given === undefined
      ? 'the console has not been built: run `npm run build`, or take that of the engine by --use-server-assets'
      : `${folder} holds no console: there is no index.html`,
  );
}

function portIn(options: Options, name: string, fallback: number): number {
  const given = text(options, name);
  if (given === undefined) return fallback;
  const port = Number(given);
  if (/^\d+$/.test(given) && port < 65_536) return port;
  throw new UserError(`"${given}" is not a port number`);
}

function stopSignal(): Promise<void> {
  return new Promise((go) => {
    process.once('SIGINT', () => go());
    process.once('SIGTERM', () => go());
  });
}
