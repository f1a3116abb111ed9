import { isJsonObject, type JsonObject } from '../../support/index.ts';
import {
  boolean,
  type Codec,
  defaulted,
  expectMember,
  expectObject,
  failMismatch,
  integer,
  jsonObject,
  list,
  nonEmptyText,
  number,
  object,
  oneOf,
  optional,
  optionalUnless,
  optionalWritten,
  required,
  text,
} from '../codec/index.ts';
import type { ConnectionInfo, SourceConfiguration, SourceCustomization, UrlConfiguration } from '../types.ts';

const connectionParameters = object('PGConnectionParams', {
  database: required(text),
  host: required(text),
  password: optional(text),
  port: required(integer),
  username: required(text),
});

/** Source: spec/metadata-api.md 2.2. */
export const urlConfiguration: Codec<UrlConfiguration> = {
  decode(value, place) {
    if (typeof value === 'string') return value;
    if (!isJsonObject(value)) return failMismatch('UrlConf', 'Object', value, place);
    const fromFile = value['dynamic_from_file'];
    if (fromFile !== undefined) {
      return { dynamic_from_file: text.decode(fromFile, place.child('dynamic_from_file')) };
    }
    const fromEnv = value['from_env'];
    const parts = value['connection_parameters'];
    if (fromEnv !== undefined && parts !== undefined) {
      return place.fail('Only one of "from_env" or "connection_parameters" should be provided');
    }
    if (fromEnv !== undefined) return { from_env: text.decode(fromEnv, place.child('from_env')) };
    if (parts !== undefined) {
      return {
        connection_parameters: connectionParameters.decode(parts, place.child('connection_parameters')),
      };
    }
    return place.fail('Either "from_env" or "connection_parameters" should be provided');
  },
  encode(url) {
    if (typeof url === 'string') return url;
    if ('connection_parameters' in url) {
      return { connection_parameters: connectionParameters.encode(url.connection_parameters) };
    }
    return { ...url };
  },
};

/** `connection_lifetime` is written even when it was not given. */
const poolSettings = object('PostgresPoolSettings', {
  connection_lifetime: optionalWritten(number, 600),
  idle_timeout: optional(integer),
  max_connections: optional(integer),
  pool_timeout: optional(number),
  retries: optional(integer),
  total_max_connections: optional(integer),
});

const connectionInfo: Codec<ConnectionInfo> = object('PostgresSourceConnInfo', {
  database_url: required(urlConfiguration),
  isolation_level: defaulted(
    oneOf('isolation_level', ['read-committed', 'repeatable-read', 'serializable']),
    'read-committed',
  ),
  pool_settings: optional(poolSettings),
  ssl_configuration: optional(jsonObject('PGClientCerts')),
  use_prepared_statements: defaulted(boolean, false),
});

export const sourceConfiguration: Codec<SourceConfiguration> = object('PostgresConnConfiguration', {
  connection_info: required(connectionInfo),
  connection_set: optional(
    list(
      object('PostgresConnectionSetMember', {
        connection_info: required(connectionInfo),
        name: required(nonEmptyText),
      }),
    ),
  ),
  connection_template: optional(jsonObject('ConnectionTemplate')),
  extensions_schema: optionalUnless(text, 'public'),
  read_replicas: optional(list(connectionInfo)),
});

const affixes = {
  prefix: optional(text),
  suffix: optional(text),
};

export const sourceCustomization: Codec<SourceCustomization> = object('SourceCustomization', {
  naming_convention: optional(oneOf('naming_convention', ['hasura-default', 'graphql-default'])),
  root_fields: optional(object('RootFieldsCustomization', { namespace: optional(text), ...affixes })),
  type_names: optional(object('SourceTypeCustomization', affixes)),
});

export function isEmptyCustomization(customization: SourceCustomization): boolean {
  return Object.values(customization).every((part) => part === undefined || part === null);
}

/** Stored as given (paid edition), only the key without which the reference refuses it is asked for. */
export const healthCheck: Codec<JsonObject> = {
  decode(value, place) {
    const given = expectObject('HealthCheckConfig', value, place);
    integer.decode(expectMember(given, 'interval', place), place.child('interval'));
    return given;
  },
  encode: jsonObject('HealthCheckConfig').encode,
};

export const queryTags = object('QueryTagsConfig', {
  disabled: optional(boolean),
  format: optional(oneOf('format', ['standard', 'sqlcommenter', 'standard_prepended'])),
  omit_request_id: optional(boolean),
});
