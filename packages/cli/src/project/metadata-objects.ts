/** One file below `metadata/` and the key of the metadata object that it holds. Source: spec/cli.md 2.1. */
export type MetadataObject = {
  readonly file: string;
  readonly key: string;
  /** What an export writes when the server has nothing of it; null: no file. */
  readonly whenAbsent: string | null;
  /** An empty value is not sent. */
  readonly isSentEmpty: boolean;
  /** `postern init` makes the file. */
  readonly isInitial: boolean;
};

function list(name: string, options: Partial<MetadataObject> = {}): MetadataObject {
  const file = `${name}.yaml`;
  return { file, key: name, whenAbsent: '[]\n', isSentEmpty: true, isInitial: false, ...options };
}

function mapping(name: string, options: Partial<MetadataObject> = {}): MetadataObject {
  return list(name, { whenAbsent: '{}\n', ...options });
}

/** In the order in which differences are shown. Actions, which are two files, are not among them. */
export const metadataObjects: readonly MetadataObject[] = [
  list('version', { whenAbsent: null, isInitial: true }),
  list('sources', { file: 'databases/databases.yaml', whenAbsent: null, isInitial: true }),
  list('remote_schemas', { isInitial: true }),
  list('query_collections', { isInitial: true }),
  list('allowlist', { file: 'allow_list.yaml', isInitial: true }),
  list('cron_triggers', { isInitial: true }),
  mapping('network'),
  list('rest_endpoints', { isSentEmpty: false }),
  list('inherited_roles'),
  mapping('opentelemetry'),
  mapping('backend_configs'),
  mapping('api_limits'),
  mapping('graphql_schema_introspection', { whenAbsent: 'disabled_for_roles: []\n' }),
  mapping('metrics_config', { isSentEmpty: false }),
];

/** The keys of a metadata document, in the order in which it is put together. Source: spec/cli.md 2.5. */
export const documentOrder: readonly string[] = [
  'version',
  'sources',
  'tables',
  'functions',
  'actions',
  'custom_types',
  'remote_schemas',
  'query_collections',
  'allowlist',
  'cron_triggers',
  'network',
  'api_limits',
  'rest_endpoints',
  'inherited_roles',
  'opentelemetry',
  'backend_configs',
  'graphql_schema_introspection',
  'metrics_config',
];
