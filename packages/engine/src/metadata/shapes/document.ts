import { stringifyJson } from '../../support/index.ts';
import { type Codec, jsonObject, object, optional, required, uniqueList } from '../codec/index.ts';
import type { CustomTypes, Metadata, NetworkMetadata } from '../types.ts';
import { cronTrigger } from './cron-trigger.ts';
import { sources } from './source.ts';
import {
  action,
  allowlistEntry,
  apiLimits,
  customTypes,
  inheritedRole,
  introspectionOptions,
  metricsConfiguration,
  network,
  openTelemetry,
  queryCollection,
  remoteSchema,
  restEndpoint,
} from './top-level.ts';

const version: Codec<3> = {
  decode: (value, place) => (value === 3 ? 3 : place.fail(`expected 3, encountered ${stringifyJson(value)}`)),
  encode: (value) => value,
};

function nameOf(item: { readonly name: string }): string {
  return item.name;
}

/** The parts that every version of the format has. */
export const sharedFields = {
  remote_schemas: optional(uniqueList('remote schemas', remoteSchema, nameOf)),
  query_collections: optional(uniqueList('query collections', queryCollection, nameOf)),
  allowlist: optional(uniqueList('allowlist entries', allowlistEntry, ({ collection }) => collection)),
  actions: optional(uniqueList('actions', action, nameOf)),
  custom_types: optional(customTypes, isEmptyTypes),
  cron_triggers: optional(uniqueList('cron triggers', cronTrigger, nameOf)),
};

/** A whole document, version 3. */
export const metadataDocument: Codec<Metadata> = object('MetadataV3', {
  version: required(version),
  sources: required(sources),
  ...sharedFields,
  rest_endpoints: optional(uniqueList('rest endpoints', restEndpoint, nameOf, ({ url }) => url)),
  api_limits: optional(apiLimits, isEmpty),
  metrics_config: optional(metricsConfiguration),
  inherited_roles: optional(uniqueList('inherited roles', inheritedRole, ({ role_name: role }) => role)),
  graphql_schema_introspection: optional(
    introspectionOptions,
    ({ disabled_for_roles: roles }) => roles.length === 0,
  ),
  network: optional(network, isEmptyNetwork),
  backend_configs: optional(jsonObject('BackendConfigs'), isEmpty),
  opentelemetry: optional(openTelemetry, isUnusedTelemetry),
});

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0;
}

function isEmptyTypes(types: CustomTypes): boolean {
  return Object.values(types).every((list: readonly unknown[] | undefined) => (list ?? []).length === 0);
}

function isEmptyNetwork(value: NetworkMetadata): boolean {
  return (value.tls_allowlist ?? []).length === 0;
}

function isUnusedTelemetry(value: Metadata['opentelemetry'] & object): boolean {
  return (
    value.status === 'disabled' &&
    (value.data_types ?? []).length === 0 &&
    value.exporter_otlp === undefined &&
    value.batch_span_processor === undefined
  );
}
