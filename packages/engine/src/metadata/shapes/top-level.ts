import { parse, parseType } from 'graphql';
import {
  boolean,
  type Codec,
  defaulted,
  duplicates,
  integer,
  json,
  jsonObject,
  lastWinsList,
  list,
  nonEmptyText,
  number,
  object,
  oneOf,
  optional,
  optionalUnless,
  optionalWritten,
  record,
  refine,
  required,
  text,
  uniqueList,
} from '../codec/index.ts';
import { graphqlName, qualifiedName } from '../names.ts';
import type {
  ActionDefinition,
  ActionMetadata,
  AllowlistEntry,
  ApiLimitsMetadata,
  CustomTypes,
  InheritedRoleMetadata,
  LimitMetadata,
  NetworkMetadata,
  OpenTelemetryConfiguration,
  QueryCollectionMetadata,
  RemoteSchemaDefinition,
  RemoteSchemaMetadata,
  RestEndpointMetadata,
} from '../types.ts';
import { headers, requestTransform, responseTransform } from './common.ts';
import { remoteRelationship } from './relationship.ts';

const isFalse = optionalUnless(boolean, false);

// ---- remote schemas ---------------------------------------------------------------------------------------------------------------

/** What is stored already is judged where it is used. */
const remoteName: Codec<string> = {
  decode: (value, place) => (place.unknownKeys === 'keep' ? text : graphqlName).decode(value, place),
  encode: (name) => name,
};

const remoteSchemaCustomization = object('RemoteSchemaCustomization', {
  root_fields_namespace: optional(remoteName),
  type_names: optional(
    object('RemoteTypeCustomization', {
      prefix: optional(remoteName),
      suffix: optional(remoteName),
      mapping: optional(record(remoteName)),
    }),
  ),
  field_names: optional(
    list(
      object('RemoteFieldCustomization', {
        parent_type: required(remoteName),
        prefix: optional(remoteName),
        suffix: optional(remoteName),
        mapping: optional(record(remoteName)),
      }),
    ),
  ),
});

export const remoteSchemaDefinition: Codec<RemoteSchemaDefinition> = object('RemoteSchemaDef', {
  url: optional(text),
  url_from_env: optional(text),
  timeout_seconds: optional(integer),
  customization: optional(remoteSchemaCustomization),
  headers: optional(headers),
  forward_client_headers: isFalse,
});

export const remoteSchemaPermission = object('RemoteSchemaPermissionMetadata', {
  role: required(nonEmptyText),
  definition: required(object('RemoteSchemaPermissionDefinition', { schema: required(text) })),
  comment: optional(text),
});

export const remoteSchema: Codec<RemoteSchemaMetadata> = object('RemoteSchemaMetadata', {
  name: required(nonEmptyText),
  definition: required(remoteSchemaDefinition),
  comment: optional(text),
  permissions: optional(uniqueList('remote schema permissions', remoteSchemaPermission, ({ role }) => role)),
  remote_relationships: optional(
    uniqueList(
      'remote schema type relationships',
      object('SchemaRemoteRelationships', {
        type_name: required(remoteName),
        relationships: required(uniqueList('remote relationships', remoteRelationship, ({ name }) => name)),
      }),
      ({ type_name: name }) => name,
    ),
  ),
});

// ---- query collections, allow list, REST --------------------------------------------------------------------------------------------

/** Text that GraphQL can read; what is stored already is judged where it is used. */
export const graphqlDocument: Codec<string> = {
  decode(document, place) {
    if (typeof document !== 'string') return place.fail('expecting String for GraphQL query');
    if (place.unknownKeys === 'keep') return document;
    try {
      parse(document, { noLocation: true });
      return document;
    } catch {
      return place.fail('parsing the graphql query failed');
    }
  },
  encode: (document) => document,
};

export const collectionQuery = object('ListedQuery', {
  name: required(nonEmptyText),
  query: required(graphqlDocument),
});

export const collectionDefinition = object('CollectionDef', { queries: required(list(collectionQuery)) });

export const queryCollection: Codec<QueryCollectionMetadata> = object('CreateCollection', {
  name: required(nonEmptyText),
  definition: required(collectionDefinition),
  comment: optional(text),
});

const emptyList = 'parsing NonEmpty failed, unexpected empty list';

export const allowlistScope: Codec<AllowlistEntry['scope']> = refine(
  object('AllowlistScope', {
    global: required(boolean),
    roles: optional(list(nonEmptyText)),
  }),
  (scope, place) => {
    if (scope.global)
      return scope.roles === undefined ? scope : place.fail('roles are not allowed when global is true');
    if (scope.roles === undefined) return place.fail("the key 'roles' was not present");
    if (scope.roles.length === 0) return place.child('roles').fail(emptyList);
    return duplicates(scope.roles).length > 0 ? place.fail('duplicate roles are not allowed') : scope;
  },
);

export const allowlistEntry: Codec<AllowlistEntry> = object('AllowlistEntry', {
  collection: required(nonEmptyText),
  scope: defaulted(allowlistScope, { global: true }),
});

export const restEndpoint: Codec<RestEndpointMetadata> = object('EndpointMetadata', {
  comment: optionalWritten(text),
  definition: required(
    object('EndpointDef', {
      query: required(
        object('QueryReference', {
          collection_name: required(nonEmptyText),
          query_name: required(nonEmptyText),
        }),
      ),
    }),
  ),
  methods: required(
    refine(list(oneOf('methods', ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])), (methods, place) =>
      methods.length > 0 || place.unknownKeys === 'keep' ? methods : place.fail(emptyList),
    ),
  ),
  name: required(nonEmptyText),
  url: required(nonEmptyText),
});

// ---- actions ----------------------------------------------------------------------------------------------------------------------

/** A reference to a type, e.g. `[Int!]!`. */
const graphqlType: Codec<string> = refine(text, (type, place) => {
  try {
    parseType(type, { noLocation: true });
    return type;
  } catch {
    return place.fail(`not a valid GraphQL type: ${type}`);
  }
});

function nonEmptyList<T>(codec: Codec<T>): Codec<readonly T[]> {
  return refine(list(codec), (items, place) => (items.length > 0 ? items : place.fail(emptyList)));
}

const description = optional(text);

/** Headers of the client that are not forwarded unless an action has a list of its own. Source: spec/actions.md 7.3. */
export const defaultIgnoredClientHeaders: readonly string[] = [
  'Content-Length',
  'Content-MD5',
  'User-Agent',
  'Host',
  'Origin',
  'Referer',
  'Accept',
  'Accept-Encoding',
  'Accept-Language',
  'Accept-Datetime',
  'Cache-Control',
  'Connection',
  'DNT',
  'Content-Type',
];

const actionType: Codec<'mutation' | 'query'> = {
  decode(value, place) {
    const type = text.decode(value, place);
    if (type === 'mutation' || type === 'query') return type;
    return place.fail(`expected mutation or query, but found ${type}`);
  },
  encode: (type) => type,
};

const actionTimeout = refine(integer, (seconds, place) =>
  seconds < 0 ? place.fail('timeout value cannot be negative') : seconds,
);

/** A mutation is synchronous unless it says otherwise, and says so; a query has no kind. */
function withKind({ kind, ...definition }: ActionDefinition): ActionDefinition {
  return definition.type === 'query' ? definition : { ...definition, kind: kind ?? 'synchronous' };
}

export const actionDefinition: Codec<ActionDefinition> = refine(
  object('ActionDefinition', {
    handler: required(nonEmptyText),
    output_type: required(graphqlType),
    forward_client_headers: isFalse,
    ignored_client_headers: defaulted(list(text), defaultIgnoredClientHeaders),
    headers: optional(headers),
    arguments: optional(
      list(
        object('ArgumentDefinition', {
          name: required(graphqlName),
          type: required(graphqlType),
          description,
        }),
      ),
    ),
    request_transform: optional(requestTransform),
    response_transform: optional(responseTransform),
    type: defaulted(actionType, 'mutation'),
    kind: optional(oneOf('kind', ['synchronous', 'asynchronous'])),
    timeout: optionalUnless(actionTimeout, 30),
  }),
  withKind,
);

export const actionPermission = object('ActionPermissionMetadata', {
  role: required(nonEmptyText),
  comment: optional(text),
});

export const action: Codec<ActionMetadata> = object('ActionMetadata', {
  name: required(graphqlName),
  definition: required(actionDefinition),
  comment: optional(text),
  permissions: optional(uniqueList('action permissions', actionPermission, ({ role }) => role)),
});

export const customTypes: Codec<CustomTypes> = object('CustomTypes', {
  input_objects: optional(
    list(
      object('InputObjectTypeDefinition', {
        name: required(graphqlName),
        fields: required(
          nonEmptyList(
            object('InputObjectFieldDefinition', {
              name: required(graphqlName),
              type: required(graphqlType),
              description,
            }),
          ),
        ),
        description,
      }),
    ),
  ),
  objects: optional(
    list(
      object('ObjectTypeDefinition', {
        name: required(graphqlName),
        fields: required(
          nonEmptyList(
            object('ObjectFieldDefinition', {
              name: required(graphqlName),
              type: required(graphqlType),
              arguments: optional(json),
              description,
            }),
          ),
        ),
        description,
        relationships: optional(
          list(
            object('TypeRelationshipDefinition', {
              field_mapping: required(record(text)),
              name: required(graphqlName),
              remote_table: required(qualifiedName),
              source: optional(nonEmptyText),
              type: required(oneOf('type', ['object', 'array'])),
            }),
          ),
        ),
      }),
    ),
  ),
  scalars: optional(list(object('ScalarTypeDefinition', { name: required(graphqlName), description }))),
  enums: optional(
    list(
      object('EnumTypeDefinition', {
        name: required(graphqlName),
        values: required(
          nonEmptyList(
            object('EnumValueDefinition', {
              value: required(graphqlName),
              description,
              is_deprecated: optional(boolean),
            }),
          ),
        ),
        description,
      }),
    ),
  ),
});

// ---- roles, limits, network, telemetry ----------------------------------------------------------------------------------------------

export const inheritedRole: Codec<InheritedRoleMetadata> = object('InheritedRole', {
  role_name: required(nonEmptyText),
  role_set: required(list(nonEmptyText)),
});

export const introspectionOptions = object('SetGraphqlIntrospectionOptions', {
  disabled_for_roles: required(lastWinsList(nonEmptyText, (role) => role)),
});

/** Source: spec/permissions.md 10.2. */
const uniqueParameters: Codec<'IP' | readonly string[]> = {
  decode(value, place) {
    if (typeof value === 'string' && value.toUpperCase() === 'IP') return 'IP';
    const isList =
      Array.isArray(value) &&
      value.every((name) => typeof name === 'string' && /^x-hasura-(?!role$)./i.test(name));
    // every item is a text
    if (isList) return value as readonly string[];
    return place.fail("Not a valid value. Should be either: 'IP' or a list of Hasura session variables");
  },
  encode: (value) => value,
};

function notNegative(codec: Codec<number>): Codec<number> {
  return refine(codec, (value, place) =>
    value >= 0 ? value : place.fail('expected a number that is not negative'),
  );
}

function limit<T>(codec: Codec<T>): Codec<LimitMetadata<T>> {
  return object('Limit', { global: optional(codec), per_role: optional(record(codec)) });
}

export const apiLimits: Codec<ApiLimitsMetadata> = object('ApiLimit', {
  batch_limit: optional(limit(notNegative(integer))),
  depth_limit: optional(limit(notNegative(integer))),
  disabled: optional(boolean),
  node_limit: optional(limit(notNegative(integer))),
  rate_limit: optional(
    limit(
      object('RateLimitConfig', {
        max_reqs_per_min: required(notNegative(integer)),
        unique_params: optionalWritten(uniqueParameters),
      }),
    ),
  ),
  time_limit: optional(limit(notNegative(number))),
});

export const metricsConfiguration = object('MetricsConfig', {
  analyze_query_variables: required(boolean),
  analyze_response_body: required(boolean),
});

export const tlsAllowlistEntry = object('TlsAllow', {
  host: required(text),
  permissions: optionalWritten(list(oneOf('permissions', ['self-signed']))),
  suffix: optionalWritten(text),
});

export const network: Codec<NetworkMetadata> = object('Network', {
  tls_allowlist: optional(list(tlsAllowlistEntry)),
});

const batchSpanProcessor = object('OtelBatchSpanProcessorConfig', {
  max_export_batch_size: optional(
    refine(integer, (size, place) =>
      size > 0 ? size : place.fail('max_export_batch_size must be a positive integer'),
    ),
  ),
});

export const openTelemetry: Codec<OpenTelemetryConfiguration> = object('OpenTelemetryConfig', {
  status: defaulted(text, 'disabled'),
  data_types: optional(list(oneOf('data_types', ['traces', 'metrics', 'logs']))),
  exporter_otlp: optional(jsonObject('OtelExporterConfig')),
  batch_span_processor: optional(batchSpanProcessor),
});
