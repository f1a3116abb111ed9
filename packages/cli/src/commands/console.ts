import type { Command } from '../command.ts';
import { inSession } from './in-session.ts';
import { serverOptions } from './options.ts';

/** Source: spec/cli.md 5.6. */
export const consoleCommand: Command = {
  name: 'console',
  summary: 'Serve a console for the project, whose changes become files',
  options: [
    ...serverOptions,
    { flags: '--console-port <number>', description: 'of the page (default: 9695)' },
    { flags: '--api-port <number>', description: 'of the API that writes files (default: 9693)' },
    { flags: '--address <address>', description: 'where both listen (default: localhost)' },
    { flags: '--api-host <url>', description: 'how the page reaches the API (default: http://localhost)' },
    { flags: '--no-browser', description: 'open no browser' },
    { flags: '--browser <program>', description: 'the browser to open' },
    { flags: '--static-dir <dir>', description: 'folder with another console' },
    { flags: '--use-server-assets', description: "the engine's console" },
    { flags: '--console-hge-endpoint <url>', description: 'the engine, as the browser reaches it' },
  ],
  passesArgumentsThrough: false,
  run: inSession(async () => (await import('../console/index.ts')).runConsole),
};
