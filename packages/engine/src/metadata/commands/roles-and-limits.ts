import { type Path, RequestError } from '../../support/index.ts';
import { type Decoder, nonEmptyText, object, oneOf, optional, required, text } from '../codec/index.ts';
import { append, reject, upsert } from '../edit.ts';
import { headers } from '../shapes/common.ts';
import {
  apiLimits,
  inheritedRole,
  introspectionOptions,
  metricsConfiguration,
  openTelemetry,
  tlsAllowlistEntry,
} from '../shapes/top-level.ts';
import type { InheritedRoleMetadata, Metadata, TlsAllowlistEntry } from '../types.ts';
import {
  type CommandDefinition,
  globalCommand,
  outcome,
  outcomeOfDrop,
  outcomeWithoutCheck,
} from './command.ts';

// ---- inherited roles ----------------------------------------------------------------------------------------------------------------

const addInheritedRole = globalCommand(
  { name: 'add_inherited_role', args: inheritedRole },
  (role, metadata, { path }) => {
    if (role.role_set.includes(role.role_name)) {
      throw new RequestError(
        'invalid-params',
        path,
        'an inherited role name cannot be in the role combination',
      );
    }
    const roles = upsert(metadata.inherited_roles, role, (other) => other.role_name === role.role_name);
    refuseCycles(roles, path);
    return outcome({ ...metadata, inherited_roles: roles }, { kind: 'inherited-role', role: role.role_name });
  },
);

/** @throws RequestError `cyclic-dependency` with the roles of the first cycle, its beginning also at its end */
export function refuseCycles(roles: readonly InheritedRoleMetadata[], path: Path): void {
  const parents = new Map(roles.map((role) => [role.role_name, role.role_set]));
  const finished = new Set<string>();
  const visit = (role: string, trail: readonly string[]): readonly string[] | null => {
    const start = trail.indexOf(role);
    if (start >= 0) return [...trail.slice(start), role];
    if (finished.has(role)) return null;
    for (const parent of parents.get(role) ?? []) {
      const cycle = visit(parent, [...trail, role]);
      if (cycle !== null) return cycle;
    }
    finished.add(role);
    return null;
  };
  for (const { role_name: role } of roles) {
    const cycle = visit(role, []);
    if (cycle !== null) {
      throw new RequestError('cyclic-dependency', path, `found cycle(s) in roles: ${JSON.stringify(cycle)}`);
    }
  }
}

const dropInheritedRole = globalCommand(
  {
    name: 'drop_inherited_role',
    args: object('DropInheritedRole', { role_name: required(nonEmptyText) }),
  },
  ({ role_name: role }, metadata, { path }) => {
    if (!(metadata.inherited_roles ?? []).some((item) => item.role_name === role)) {
      throw new RequestError('not-exists', path, `"${role}" inherited role doesn't exist`);
    }
    const next = {
      ...metadata,
      inherited_roles: reject(metadata.inherited_roles, (item) => item.role_name === role),
    };
    return outcome(next, { kind: 'inherited-role', role });
  },
);

// ---- network ------------------------------------------------------------------------------------------------------------------------

function isSameHost(first: TlsAllowlistEntry, second: TlsAllowlistEntry): boolean {
  return first.host === second.host && (first.suffix ?? null) === (second.suffix ?? null);
}

function shownHost({ host, suffix }: TlsAllowlistEntry): string {
  return suffix === undefined ? `the host "${host}"` : `the host "${host}" with suffix "${suffix}"`;
}

function withTlsAllowlist(metadata: Metadata, entries: readonly TlsAllowlistEntry[]): Metadata {
  return { ...metadata, network: { ...metadata.network, tls_allowlist: entries } };
}

const addHost = globalCommand(
  { name: 'add_host_to_tls_allowlist', args: tlsAllowlistEntry },
  (entry, metadata, { path }) => {
    if (entry.host === '') throw new RequestError('bad-request', path, 'key "host" cannot be empty');
    const entries = metadata.network?.tls_allowlist;
    if ((entries ?? []).some((item) => isSameHost(item, entry))) {
      throw new RequestError('already-exists', path, `${shownHost(entry)} already exists in the allowlist`);
    }
    return outcomeWithoutCheck(withTlsAllowlist(metadata, append(entries, entry)));
  },
);

const dropHost = globalCommand(
  {
    name: 'drop_host_from_tls_allowlist',
    args: object('DropHostFromTLSAllowlist', { host: required(text), suffix: optional(text) }),
  },
  (entry, metadata, { path }) => {
    if (entry.host === '') throw new RequestError('bad-request', path, 'hostname cannot be empty');
    const entries = metadata.network?.tls_allowlist;
    if (!(entries ?? []).some((item) => isSameHost(item, entry))) {
      throw new RequestError('not-exists', path, `${shownHost(entry)} isn't present in the allowlist`);
    }
    return outcomeWithoutCheck(
      withTlsAllowlist(
        metadata,
        reject(entries, (item) => isSameHost(item, entry)),
      ),
    );
  },
);

// ---- introspection, limits, metrics, telemetry ----------------------------------------------------------------------------------------

const setIntrospection = globalCommand(
  { name: 'set_graphql_schema_introspection_options', args: introspectionOptions },
  (options, metadata) => outcomeOfDrop({ ...metadata, graphql_schema_introspection: options }),
);

const setApiLimits = globalCommand({ name: 'set_api_limits', args: apiLimits }, (limits, metadata) =>
  outcomeWithoutCheck({ ...metadata, api_limits: limits }),
);

const setMetrics = globalCommand(
  { name: 'set_metrics_config', args: metricsConfiguration },
  (metrics, metadata) => outcomeWithoutCheck({ ...metadata, metrics_config: metrics }),
);

function removal(name: string, key: 'api_limits' | 'metrics_config'): CommandDefinition {
  return globalCommand({ name, args: object(name, {}), needsArguments: false }, (_args, metadata) => {
    const { [key]: _removed, ...rest } = metadata;
    return outcomeWithoutCheck(rest);
  });
}

function requireEndpoint(configuration: NonNullable<Metadata['opentelemetry']>, path: Path): void {
  const exporter = configuration.exporter_otlp ?? {};
  for (const type of configuration.data_types ?? []) {
    if (configuration.status !== 'enabled' || typeof exporter[`otlp_${type}_endpoint`] === 'string') continue;
    const missing = type === 'traces' ? 'tracing' : type;
    throw new RequestError(
      'invalid-configuration',
      path,
      `${type[0]?.toUpperCase()}${type.slice(1)} export is enabled but ${missing} endpoint missing`,
    );
  }
}

/** A word, or the template of one: `{{OTEL}}`. What is stored already may say something else, and then means `disabled`. */
const telemetryStatus: Decoder<string> = {
  decode(value, place) {
    const status = text.decode(value, place);
    return status.includes('{{') ? status : oneOf('status', ['enabled', 'disabled']).decode(status, place);
  },
};

const telemetryArguments: typeof openTelemetry = {
  ...openTelemetry,
  decode(value, place) {
    const configuration = openTelemetry.decode(value, place);
    telemetryStatus.decode(configuration.status, place.child('status'));
    const { headers: given } = configuration.exporter_otlp ?? {};
    if (given !== undefined) headers.decode(given, place.child('exporter_otlp').child('headers'));
    return configuration;
  },
};

const setTelemetry = globalCommand(
  { name: 'set_opentelemetry_config', args: telemetryArguments },
  (configuration, metadata, { path }) => {
    requireEndpoint(configuration, path);
    return outcomeWithoutCheck({ ...metadata, opentelemetry: configuration });
  },
);

const setTelemetryStatus = globalCommand(
  { name: 'set_opentelemetry_status', args: telemetryStatus },
  (status, metadata, { path }) => {
    const configuration = { ...metadata.opentelemetry, status };
    requireEndpoint(configuration, path);
    return outcomeWithoutCheck({ ...metadata, opentelemetry: configuration });
  },
);

export const roleAndLimitCommands = [
  addInheritedRole,
  dropInheritedRole,
  addHost,
  dropHost,
  setIntrospection,
  setApiLimits,
  removal('remove_api_limits', 'api_limits'),
  setMetrics,
  removal('remove_metrics_config', 'metrics_config'),
  setTelemetry,
  setTelemetryStatus,
];
