import type { DatabaseOptions, SslMode } from '../database/index.ts';
import { isJsonObject, type JsonObject, Path, RequestError } from '../support/index.ts';
import { environmentValue } from '../webhooks/index.ts';
import type { RuntimeOptions } from './types.ts';

type Tls = NonNullable<DatabaseOptions['ssl']>;

const modes: readonly SslMode[] = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'];

/**
 * A source's `ssl_configuration` with environment variables put in. Without `sslmode` it still means encryption, and verification where an authority is
 * given: whoever writes down certificates does not mean `prefer`. Source: spec/metadata-api.md 2.2.
 * @throws RequestError `not-found` when a variable is not set, `invalid-configuration` for an unknown mode
 */
export function resolveTls(configuration: JsonObject, options: Pick<RuntimeOptions, 'environment'>): Tls {
  const part = (key: string): string | undefined => {
    const value = configuration[key];
    if (typeof value === 'string') return value;
    if (isJsonObject(value) && typeof value['from_env'] === 'string')
      return environmentValue(value['from_env'], options.environment);
    if (value === undefined || value === null) return undefined;
    throw invalid(`"${key}" in ssl_configuration is neither a text nor {"from_env": …}`);
  };
  const optional = (key: string, name: Exclude<keyof Tls, 'mode'>) => {
    const value = part(key);
    return value === undefined ? {} : { [name]: value };
  };
  const parts = {
    ...optional('sslrootcert', 'rootCertificate'),
    ...optional('sslcert', 'certificate'),
    ...optional('sslkey', 'key'),
    ...optional('sslpassword', 'keyPassword'),
  };
  return {
    ...parts,
    mode: readMode(part('sslmode') ?? ('rootCertificate' in parts ? 'verify-ca' : 'require')),
  };
}

function readMode(text: string): SslMode {
  const mode = modes.find((known) => known === text);
  if (mode === undefined) throw invalid(`"${text}" is not an sslmode: it is one of ${modes.join(', ')}`);
  return mode;
}

function invalid(message: string): RequestError {
  return new RequestError('invalid-configuration', Path.root, message);
}
