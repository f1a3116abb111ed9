import { checkAuthentication, type JwtConfiguration } from '../../authentication/index.ts';
import { fillTemplate } from '../../webhooks/index.ts';
import { httpUrl } from './parsers.ts';
import { type Setting, type Settings, settings } from './settings.ts';
import { StartError } from './start-error.ts';

/** The settings of a run, and the variables that metadata may refer to. */
export interface ServeConfiguration extends Settings {
  /** All of them; the older names are already folded in. Empty: none. */
  readonly allAdminSecrets: readonly string[];
  /** `jwtSecrets`, or `jwtSecret` alone. */
  readonly jwtConfigurations: readonly JwtConfiguration[];
  readonly environment: Readonly<Record<string, string | undefined>>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** A switch that is named by its opposite: given, it sets false. */
const negatedFlags: ReadonlySet<string> = new Set(['--disable-close-websockets-on-metadata-change']);

/**
 * Reads flags and variables; a flag wins over a variable, a variable over the default. An empty variable counts as not set, except where
 * emptiness is a mistake with consequences (admin secret, unauthorized role).
 * @throws StartError with the text for the operator. Source: spec/server.md 4, spec/authentication.md 3
 */
export function parseServeConfiguration(argv: readonly string[], env: Environment): ServeConfiguration {
  const flags = readFlags(argv);
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(settings))
    values[name] = readSetting(setting as Setting<unknown>, flags, env);
  // the loop above gave every name a value of its setting's type
  return configurationOf(values as unknown as Settings, env);
}

/**
 * A configuration from values instead of text; what is left out has its default.
 * @throws StartError when the values do not go together
 */
export function completeConfiguration(
  values: Partial<Settings>,
  environment: Environment,
): ServeConfiguration {
  const defaults: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(settings)) defaults[name] = setting.default;
  // every name has its default, and what replaces it has the same type
  return configurationOf({ ...defaults, ...values } as unknown as Settings, environment);
}

function configurationOf(parsed: Settings, environment: Environment): ServeConfiguration {
  const databaseUrl = parsed.databaseUrl ?? urlFromParts(parsed);
  const allAdminSecrets = adminSecretsOf(parsed);
  const jwtConfigurations = jwtConfigurationsOf(parsed);
  if (parsed.unauthorizedRole === '') {
    throw new StartError(
      'Fatal Error:- Environment variable HASURA_GRAPHQL_UNAUTHORIZED_ROLE: empty string not allowed',
    );
  }
  const authHook = parsed.authHook === null ? null : hookUrl(parsed.authHook, environment);
  const refusal = checkAuthentication({
    adminSecrets: allAdminSecrets,
    hasHook: authHook !== null,
    hasJwt: jwtConfigurations.length > 0,
    unauthorizedRole: parsed.unauthorizedRole,
  });
  if (refusal !== null) throw new StartError(refusal);
  // the source `default` refers to its connection by this name, wherever it was set
  const named = databaseUrl === null ? {} : { HASURA_GRAPHQL_DATABASE_URL: databaseUrl };
  return {
    ...parsed,
    databaseUrl,
    authHook,
    allAdminSecrets,
    jwtConfigurations,
    // without a prototype, so that no variable is called `constructor`
    environment: Object.assign(Object.create(null), environment, named),
  };
}

function adminSecretsOf({ adminSecrets, adminSecret, accessKey }: Settings): readonly string[] {
  if (adminSecrets !== null && adminSecrets.length > 0) return adminSecrets;
  const single = adminSecret ?? accessKey;
  return single === null ? [] : [single];
}

function jwtConfigurationsOf({ jwtSecrets, jwtSecret }: Settings): readonly JwtConfiguration[] {
  if (jwtSecrets !== null && jwtSecrets.length > 0) return jwtSecrets;
  return jwtSecret === null ? [] : [jwtSecret];
}

function hookUrl(template: string, environment: Environment): string {
  const { text, missing } = fillTemplate(template, environment);
  const fail = (reason: string): never => {
    throw new StartError(`Fatal Error:- Environment variable HASURA_GRAPHQL_AUTH_HOOK: ${reason}`);
  };
  if (missing.length > 0) fail(`Value for environment variables not found: ${missing.join(', ')}`);
  try {
    return httpUrl(text);
  } catch {
    // what variables hold may be secret
    return fail(`Expecting an http or https URL, but got: ${template}`);
  }
}

/** `--host`, `--user` and `--dbname` instead of a URL. */
function urlFromParts(parts: Settings): string | null {
  const { databaseHost, databasePort, databaseUser, databasePassword, databaseName } = parts;
  if (databaseHost === null && databaseUser === null && databaseName === null) return null;
  if (databaseHost === null || databaseUser === null || databaseName === null) {
    throw new StartError('Fatal Error: --host, --user and --dbname are needed together');
  }
  const password = databasePassword === '' ? '' : `:${encodeURIComponent(databasePassword)}`;
  return `postgres://${encodeURIComponent(databaseUser)}${password}@${encodeURIComponent(databaseHost)}:${databasePort}/${encodeURIComponent(databaseName)}`;
}

const meaningfulWhenEmpty: ReadonlySet<string> = new Set([
  'HASURA_GRAPHQL_ADMIN_SECRET',
  'HASURA_GRAPHQL_ACCESS_KEY',
  'HASURA_GRAPHQL_UNAUTHORIZED_ROLE',
]);

function readSetting(
  setting: Setting<unknown>,
  flags: ReadonlyMap<string, string>,
  env: Environment,
): unknown {
  const flagText = setting.flag === null ? undefined : flags.get(setting.flag);
  if (setting.flag !== null && flagText !== undefined) {
    const negated = negatedFlags.has(setting.flag);
    return parseOr(setting, flagText, (reason) => `Fatal Error:- Option ${setting.flag}: ${reason}`, negated);
  }
  for (const name of setting.env) {
    const text = env[name];
    if (text === undefined || (text === '' && !meaningfulWhenEmpty.has(name))) continue;
    return parseOr(setting, text, (reason) => `Fatal Error:- Environment variable ${name}: ${reason}`, false);
  }
  return setting.default;
}

function parseOr(
  setting: Setting<unknown>,
  text: string,
  message: (reason: string) => string,
  negated: boolean,
): unknown {
  try {
    const value = setting.parse(text);
    return negated ? value !== true : value;
  } catch (error) {
    throw new StartError(message(error instanceof Error ? error.message : String(error)));
  }
}

/** Flag → its text. `--name value`, `--name=value`, and a switch alone. */
function readFlags(argv: readonly string[]): ReadonlyMap<string, string> {
  const byFlag = new Map<string, Setting<unknown>>();
  for (const setting of Object.values(settings) as Setting<unknown>[]) {
    if (setting.flag !== null) byFlag.set(setting.flag, setting);
    if (setting.short !== undefined) byFlag.set(setting.short, setting);
  }
  const flags = new Map<string, string>();
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] as string; // i < length
    const equals = word.startsWith('--') ? word.indexOf('=') : -1;
    const given = equals < 0 ? word : word.slice(0, equals);
    const setting = byFlag.get(given);
    if (setting === undefined || setting.flag === null)
      throw new StartError(`Fatal Error: Invalid option \`${given}'`);
    const next = argv[i + 1];
    if (equals >= 0) {
      flags.set(setting.flag, word.slice(equals + 1));
    } else if (isSwitch(setting)) {
      const takesNext = next !== undefined && /^(?:true|false)$/i.test(next);
      flags.set(setting.flag, takesNext ? next : 'true');
      if (takesNext) i++;
    } else if (next === undefined) {
      throw new StartError(`Fatal Error: The option \`${given}' expects an argument`);
    } else {
      flags.set(setting.flag, next);
      i++;
    }
  }
  return flags;
}

function isSwitch(setting: Setting<unknown>): boolean {
  return setting.isSwitch === true || (setting.flag !== null && negatedFlags.has(setting.flag));
}
