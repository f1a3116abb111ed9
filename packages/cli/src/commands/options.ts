import type { CommandOption } from '../command.ts';

/** Taken by every command that works on a project, before and behind its name. Source: spec/cli.md 5. */
export const projectOptions: readonly CommandOption[] = [
  {
    flags: '--project <dir>',
    description: 'the project, or a folder in it (default: the working directory)',
  },
  { flags: '--envfile <file>', description: 'file with variables (default: .env)' },
  { flags: '--log-level <level>', description: 'DEBUG, INFO, WARN, ERROR or FATAL (default: INFO)' },
  { flags: '--no-color', description: 'no colours' },
  { flags: '--skip-update-check', description: 'accepted; nothing looks for updates', isHidden: true },
];

/** Taken by those that talk to a server, too. */
export const serverOptions: readonly CommandOption[] = [
  ...projectOptions,
  { flags: '--endpoint <url>', description: 'the server (default: endpoint of config.yaml)' },
  { flags: '--admin-secret <secret>', description: 'its admin secret' },
  { flags: '--access-key <key>', description: 'old name of --admin-secret', isHidden: true },
  { flags: '--insecure-skip-tls-verify', description: 'take any certificate' },
  { flags: '--certificate-authority <file>', description: 'certificate of the issuer to trust' },
];

/** Taken by those that work on the databases of a server, too. */
export const databaseOptions: readonly CommandOption[] = [
  { flags: '--database-name <name>', description: 'the database, as it is called in the metadata' },
  { flags: '--disable-interactive', description: 'ask nothing' },
];
