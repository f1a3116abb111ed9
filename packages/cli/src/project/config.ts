import { existsSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { UserError } from '../user-error.ts';
import { member, readConfigFile } from './config-file.ts';
import { checkedEndpoint } from './endpoint.ts';
import { readEnvironment } from './environment-file.ts';

/** How a project's server is reached, and where its files lie. Source: spec/cli.md 1.1. */
export type ProjectConfig = {
  readonly root: string;
  /** Without a slash at the end. */
  readonly endpoint: string;
  readonly adminSecret: string | null;
  readonly skipsTlsVerification: boolean;
  /** A file with certificates. */
  readonly certificateAuthority: string | null;
  readonly isInteractive: boolean;
  readonly paths: {
    readonly v2Query: string;
    readonly metadata: string;
    readonly pgDump: string;
    readonly version: string;
    readonly graphql: string;
  };
  readonly metadataFolder: string;
  /** Null: the metadata is a folder. */
  readonly metadataFile: string | null;
  readonly migrationsFolder: string;
  readonly seedsFolder: string;
  readonly usesTransactions: boolean;
  readonly actions: ActionsConfig;
};

/** For actions that are made from now on. */
export type ActionsConfig = {
  /** `synchronous` or `asynchronous`. */
  readonly kind: string;
  /** The handler of a new action is this, a slash and its name. */
  readonly handlerBase: string;
  readonly codegen: {
    /** Empty: none has been chosen. */
    readonly framework: string;
    readonly outputFolder: string;
    readonly uri: string;
  };
};

/** Values of options by the name of the key in config.yaml, e.g. `admin_secret`. */
export type ConfigFlags = Readonly<Record<string, string | undefined>>;

const prefix = 'HASURA_GRAPHQL_';

/**
 * The configuration of the project in `root`: a flag counts before a variable, a variable before the `.env` file, that before config.yaml.
 * @throws UserError
 */
export function readConfig(
  root: string,
  flags: ConfigFlags,
  environment: Readonly<Record<string, string | undefined>>,
  environmentFile: string | null = null,
): ProjectConfig {
  const fromFile = readEnvironment(root, environmentFile);
  const file = readConfigFile(join(root, 'config.yaml'));
  return configOf(root, (key) => {
    const variable = prefix + key.toUpperCase().replaceAll('.', '_');
    return flags[key] || environment[variable] || fromFile.get(variable) || member(file, key);
  });
}

/** The configuration of a project whose keys are given by whoever asks, for example `endpoint`. @throws UserError */
export function configOf(root: string, given: (key: string) => string | undefined): ProjectConfig {
  const text = (key: string, fallback = ''): string => given(key) || fallback;
  checkVersion(text('version', '1'));
  const metadataFile = text('metadata_file');
  if (metadataFile !== '' && !['.json', '.yaml'].includes(extname(metadataFile))) {
    throw new UserError(`metadata_file: ${metadataFile} must end in .json or .yaml`);
  }
  const authority = text('certificate_authority');
  return {
    root,
    endpoint: checkedEndpoint(text('endpoint', 'http://localhost:8080')),
    adminSecret: adminSecret(text('admin_secret'), text('admin_secrets'), text('access_key')),
    skipsTlsVerification: isTrue(text('insecure_skip_tls_verify')),
    certificateAuthority: authority === '' ? null : resolve(root, authority),
    isInteractive: !isTrue(text('disable_interactive')),
    paths: {
      v2Query: text('api_paths.v2_query', 'v2/query'),
      metadata: text('api_paths.v1_metadata', 'v1/metadata'),
      pgDump: text('api_paths.pg_dump', 'v1alpha1/pg_dump'),
      version: text('api_paths.version', 'v1/version'),
      graphql: text('api_paths.graphql', 'v1/graphql'),
    },
    metadataFolder: resolve(root, text('metadata_directory', 'metadata')),
    metadataFile: metadataFile === '' ? null : resolve(root, metadataFile),
    migrationsFolder: resolve(root, text('migrations_directory', 'migrations')),
    seedsFolder: resolve(root, text('seeds_directory', 'seeds')),
    usesTransactions: !isTrue(text('no_transaction')),
    actions: {
      kind: text('actions.kind', 'synchronous'),
      handlerBase: text('actions.handler_webhook_baseurl', 'http://localhost:3000').replace(/\/+$/, ''),
      codegen: {
        framework: text('actions.codegen.framework'),
        outputFolder: resolve(root, text('actions.codegen.output_dir')),
        uri: text('actions.codegen.uri'),
      },
    },
  };
}

export type ProjectFolders = Pick<
  ProjectConfig,
  'root' | 'metadataFolder' | 'metadataFile' | 'migrationsFolder' | 'seedsFolder'
>;

/** Where the files of a project lie, whatever the environment says; the usual folders when it has no config.yaml. */
export function projectFolders(root: string): ProjectFolders {
  if (existsSync(join(root, 'config.yaml'))) return readConfig(root, {}, {});
  return {
    root,
    metadataFolder: join(root, 'metadata'),
    metadataFile: null,
    migrationsFolder: join(root, 'migrations'),
    seedsFolder: join(root, 'seeds'),
  };
}

function checkVersion(version: string): void {
  switch (version) {
    case '3':
      return;
    case '1':
      throw new UserError(
        'config v1 is deprecated, please consider using config v3: write "version: 3" into config.yaml, or let the Hasura CLI convert the project',
      );
    case '2':
      throw new UserError(
        'this is a project of config version 2, which has one database and no folders for it. Convert it once: postern scripts update-project-v3',
      );
    default:
      throw new UserError(`invalid config version: ${version}; 3 is supported`);
  }
}

function adminSecret(secret: string, list: string, accessKey: string): string | null {
  if (secret !== '') return secret;
  if (list !== '') {
    let parsed: unknown = null;
    try {
      parsed = JSON.parse(list);
    } catch {
      // told below
    }
    const first: unknown = Array.isArray(parsed) ? parsed[0] : undefined;
    if (typeof first !== 'string') {
      throw new UserError(`admin_secrets must be a list of strings in JSON, for example '["secret"]'`);
    }
    return first;
  }
  return accessKey === '' ? null : accessKey;
}

function isTrue(text: string): boolean {
  return ['true', '1', 't'].includes(text.toLowerCase());
}
