import { existsSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import {
  isMapping,
  type Mapping,
  mappingOf,
  NumberText,
  readYaml,
  type Value,
  writeYaml,
} from '../document/index.ts';
import { messageOf, UserError } from '../user-error.ts';
import { parseEnvironmentFile } from './environment-file.ts';
import { readText } from './read-text.ts';

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
  };
  readonly metadataFolder: string;
  /** Null: the metadata is a folder. */
  readonly metadataFile: string | null;
  readonly migrationsFolder: string;
  readonly seedsFolder: string;
  readonly usesTransactions: boolean;
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
  const text = (key: string, fallback = ''): string => {
    const variable = prefix + key.toUpperCase().replaceAll('.', '_');
    return flags[key] || environment[variable] || fromFile.get(variable) || member(file, key) || fallback;
  };
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
    },
    metadataFolder: resolve(root, text('metadata_directory', 'metadata')),
    metadataFile: metadataFile === '' ? null : resolve(root, metadataFile),
    migrationsFolder: resolve(root, text('migrations_directory', 'migrations')),
    seedsFolder: resolve(root, text('seeds_directory', 'seeds')),
    usesTransactions: !isTrue(text('no_transaction')),
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

/** The text of a new project's config.yaml. */
export function newConfig(endpoint: string, secret: string | null): string {
  return writeYaml(
    mappingOf([
      ['version', new NumberText('3')],
      ['endpoint', endpoint],
      ['admin_secret', secret ?? undefined],
      ['metadata_directory', 'metadata'],
      [
        'actions',
        mappingOf([
          ['kind', 'synchronous'],
          ['handler_webhook_baseurl', 'http://localhost:3000'],
        ]),
      ],
    ]),
  );
}

/** An engine may be served below a path, so only the addresses of its APIs are known to be no root. */
const apiAddress =
  /^(.*)\/(v1\/(?:graphql|query|metadata|version)|v2\/query|v1alpha1\/(?:graphql|config|pg_dump)|v1beta1\/relay|console|healthz)$/;

/** @throws UserError when it is no root URL of a server */
export function checkedEndpoint(endpoint: string): string {
  const problem = (why: string): UserError =>
    new UserError(
      `error validating endpoint URL: ${JSON.stringify(endpoint)} ${why}, for example http://localhost:8080`,
    );
  if (!URL.canParse(endpoint)) throw problem('is no URL');
  const { protocol } = new URL(endpoint);
  if (protocol !== 'http:' && protocol !== 'https:') throw problem('must begin with http:// or https://');
  if (/[?#]/.test(endpoint)) throw problem('must end before "?" and "#"');
  const root = endpoint.replace(/\/+$/, '');
  const [, above, api] = apiAddress.exec(root) ?? [];
  if (above !== undefined) {
    throw new UserError(
      `error validating endpoint URL: ${JSON.stringify(endpoint)} is the address of one API (/${api}); the endpoint is the root URL of the engine: ${above}`,
    );
  }
  return root;
}

function readEnvironment(root: string, named: string | null): ReadonlyMap<string, string> {
  const path = resolve(root, named ?? '.env');
  if (!existsSync(path)) {
    if (named === null || named === '.env') return new Map();
    throw new UserError(`loading .env file failed: ${path} does not exist`);
  }
  try {
    return parseEnvironmentFile(readText(path));
  } catch (error) {
    throw new UserError(`loading .env file failed: ${path}: ${messageOf(error)}`, { cause: error });
  }
}

function readConfigFile(path: string): Mapping {
  let value: Value;
  try {
    value = readYaml(readText(path));
  } catch (error) {
    throw new UserError(`cannot read config.yaml: ${path}: ${messageOf(error)}`, { cause: error });
  }
  if (value === null) return new Map();
  if (!isMapping(value)) throw new UserError(`cannot read config.yaml: ${path} is no mapping of keys`);
  return value;
}

/** `actions.kind` of `{actions: {kind}}`; a list of secrets may be written as a list, too. */
function member(file: Mapping, key: string): string | undefined {
  let value: Value | undefined = file;
  for (const part of key.split('.')) value = isMapping(value) ? value.get(part) : undefined;
  if (value === undefined || value === null || isMapping(value)) return undefined;
  if (value instanceof NumberText) return value.text;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
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
        `projects of config version 2 are not supported. Convert the project once with the Hasura CLI: hasura scripts update-project-v3`,
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
