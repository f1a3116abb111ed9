/**
 * Hasura metadata, version 3, as a typed document with the wire's own names. Absent keys are absent; nothing is defaulted here, so that an
 * export gives back what was put in. Source: spec/metadata-api.md 2.
 */
import type { QualifiedName } from '../catalog/index.ts';
import type { Json, JsonObject } from '../support/index.ts';

export interface Metadata {
  readonly version: 3;
  readonly sources: readonly SourceMetadata[];
  readonly remote_schemas?: readonly RemoteSchemaMetadata[];
  readonly query_collections?: readonly QueryCollectionMetadata[];
  readonly allowlist?: readonly AllowlistEntry[];
  readonly actions?: readonly ActionMetadata[];
  readonly custom_types?: CustomTypes;
  readonly cron_triggers?: readonly CronTriggerMetadata[];
  readonly rest_endpoints?: readonly RestEndpointMetadata[];
  readonly api_limits?: ApiLimitsMetadata;
  readonly metrics_config?: {
    readonly analyze_query_variables: boolean;
    readonly analyze_response_body: boolean;
  };
  readonly inherited_roles?: readonly InheritedRoleMetadata[];
  readonly graphql_schema_introspection?: { readonly disabled_for_roles: readonly string[] };
  readonly network?: NetworkMetadata;
  readonly backend_configs?: JsonObject;
  readonly opentelemetry?: OpenTelemetryConfiguration;
}

export interface InheritedRoleMetadata {
  readonly role_name: string;
  readonly role_set: readonly string[];
}

export interface QueryCollectionMetadata {
  readonly name: string;
  readonly definition: { readonly queries: readonly { readonly name: string; readonly query: string }[] };
  readonly comment?: string | null;
}

export interface SourceMetadata {
  readonly name: string;
  readonly kind: string;
  readonly tables: readonly TableMetadata[];
  readonly functions?: readonly FunctionMetadata[];
  readonly native_queries?: readonly NativeQueryMetadata[];
  readonly stored_procedures?: readonly JsonObject[];
  readonly logical_models?: readonly LogicalModelMetadata[];
  readonly configuration: SourceConfiguration;
  readonly query_tags?: QueryTagsConfiguration;
  readonly customization?: SourceCustomization;
  readonly health_check?: JsonObject;
  /** A source of another kind of database as another engine stored it: kept and exported, never looked at. */
  readonly foreign?: JsonObject;
}

export interface SourceCustomization {
  readonly root_fields?: {
    readonly namespace?: string | null;
    readonly prefix?: string | null;
    readonly suffix?: string | null;
  } | null;
  readonly type_names?: { readonly prefix?: string | null; readonly suffix?: string | null } | null;
  readonly naming_convention?: 'hasura-default' | 'graphql-default' | null;
}

/** A string (with `{{ENV}}` templates), a variable's name, parts, or a file. */
export type UrlConfiguration =
  | string
  | { readonly from_env: string }
  | {
      readonly connection_parameters: {
        readonly host: string;
        readonly username: string;
        readonly password?: string;
        readonly port: number;
        readonly database: string;
      };
    }
  | { readonly dynamic_from_file: string };

export interface ConnectionInfo {
  readonly database_url: UrlConfiguration;
  readonly isolation_level?: 'read-committed' | 'repeatable-read' | 'serializable';
  readonly pool_settings?: {
    readonly max_connections?: number | null;
    readonly total_max_connections?: number | null;
    readonly idle_timeout?: number | null;
    readonly retries?: number | null;
    readonly pool_timeout?: number | null;
    readonly connection_lifetime?: number | null;
  } | null;
  readonly ssl_configuration?: JsonObject | null;
  readonly use_prepared_statements?: boolean;
}

export interface SourceConfiguration {
  readonly connection_info: ConnectionInfo;
  readonly connection_set?: readonly { readonly name: string; readonly connection_info: ConnectionInfo }[];
  readonly connection_template?: JsonObject | null;
  readonly extensions_schema?: string;
  readonly read_replicas?: readonly ConnectionInfo[] | null;
}

/** `null` or absent: automatic; empty: none. */
export type CommentConfiguration = string | null;

export type CustomRootField =
  | string
  | null
  | { readonly name?: string | null; readonly comment?: CommentConfiguration };

export interface TableConfiguration {
  readonly custom_name?: string | null;
  readonly comment?: CommentConfiguration;
  /** `custom_column_names` is merged into this on input and derived from it on output. */
  readonly column_config?: Readonly<
    Record<string, { readonly custom_name?: string | null; readonly comment?: CommentConfiguration }>
  >;
  readonly custom_root_fields?: Readonly<Record<string, CustomRootField>>;
}

export interface TableMetadata {
  readonly table: QualifiedName;
  readonly is_enum?: boolean;
  readonly configuration?: TableConfiguration;
  readonly object_relationships?: readonly RelationshipMetadata[];
  readonly array_relationships?: readonly RelationshipMetadata[];
  readonly computed_fields?: readonly ComputedFieldMetadata[];
  readonly remote_relationships?: readonly RemoteRelationshipMetadata[];
  readonly insert_permissions?: readonly PermissionMetadata<PermissionRules<InsertPermission>>[];
  readonly select_permissions?: readonly PermissionMetadata<PermissionRules<SelectPermission>>[];
  readonly update_permissions?: readonly PermissionMetadata<PermissionRules<UpdatePermission>>[];
  readonly delete_permissions?: readonly PermissionMetadata<PermissionRules<DeletePermission>>[];
  readonly event_triggers?: readonly EventTriggerMetadata[];
  readonly apollo_federation_config?: { readonly enable: 'v1' } | null;
  readonly logical_model?: Json;
}

export interface RelationshipMetadata {
  readonly name: string;
  readonly using: RelationshipUsing;
  readonly comment?: string | null;
}

export type RelationshipUsing =
  /** Own columns. */
  | { readonly foreign_key_constraint_on: string | readonly string[] }
  /** Columns of the other table. */
  | {
      readonly foreign_key_constraint_on: {
        readonly table: QualifiedName;
        readonly column?: string;
        readonly columns?: readonly string[];
      };
    }
  | {
      readonly manual_configuration: {
        readonly remote_table?: QualifiedName;
        readonly remote_native_query?: string;
        readonly column_mapping: Readonly<Record<string, string>>;
        readonly insertion_order?: 'before_parent' | 'after_parent' | null;
      };
    };

export interface ComputedFieldMetadata {
  readonly name: string;
  readonly definition: {
    readonly function: QualifiedName;
    readonly table_argument?: string | null;
    readonly session_argument?: string | null;
  };
  readonly comment?: string | null;
}

export interface PermissionMetadata<P> {
  readonly role: string;
  readonly permission: P;
  readonly comment?: string | null;
}

/**
 * What one role may do with one table: one rule, as in Hasura, or several of which any one suffices. Each rule is complete in itself.
 * Not part of Hasura's contract.
 */
export type PermissionRules<P> = P | RuleList<P>;

export interface RuleList<P> {
  readonly rules: readonly P[];
}

export type ColumnSelection = '*' | readonly string[];

export interface SelectPermission {
  readonly columns: ColumnSelection;
  readonly computed_fields?: readonly string[];
  readonly filter: JsonObject;
  readonly limit?: number | null;
  readonly allow_aggregations?: boolean;
  readonly query_root_fields?: readonly string[] | null;
  readonly subscription_root_fields?: readonly string[] | null;
}

export interface InsertPermission {
  readonly check: JsonObject;
  readonly set?: JsonObject;
  readonly columns?: ColumnSelection;
  readonly backend_only?: boolean;
  readonly validate_input?: InputValidationConfiguration | null;
}

export interface UpdatePermission {
  readonly columns: ColumnSelection;
  readonly filter: JsonObject;
  readonly check?: JsonObject | null;
  readonly set?: JsonObject;
  readonly backend_only?: boolean;
  readonly validate_input?: InputValidationConfiguration | null;
}

export interface DeletePermission {
  readonly filter: JsonObject;
  readonly backend_only?: boolean;
  readonly validate_input?: InputValidationConfiguration | null;
}

export interface FunctionMetadata {
  readonly function: QualifiedName;
  readonly configuration?: {
    readonly custom_name?: string | null;
    readonly custom_root_fields?: {
      readonly function?: string | null;
      readonly function_aggregate?: string | null;
    } | null;
    readonly exposed_as?: 'query' | 'mutation' | null;
    readonly session_argument?: string | null;
    readonly response?: Json;
  };
  readonly permissions?: readonly { readonly role: string }[];
  readonly comment?: string | null;
}

/** `definition` is `to_source`, `to_remote_schema`, or the older form with `hasura_fields`. */
export interface RemoteRelationshipMetadata {
  readonly name: string;
  readonly definition: JsonObject;
}

/** A header of a webhook: a value (with `{{ENV}}` templates) or the name of a variable. */
export type HeaderConfiguration = {
  readonly name: string;
  readonly value?: string;
  readonly value_from_env?: string;
};

export interface EventTriggerOperation {
  readonly columns: ColumnSelection;
  readonly payload?: ColumnSelection;
}

export interface EventTriggerDefinition {
  readonly delete?: EventTriggerOperation;
  readonly enable_manual: boolean;
  readonly insert?: EventTriggerOperation;
  readonly update?: EventTriggerOperation;
}

export interface EventTriggerMetadata {
  readonly name: string;
  readonly definition: EventTriggerDefinition;
  readonly retry_conf: {
    readonly interval_sec: number;
    readonly num_retries: number;
    readonly timeout_sec?: number;
  };
  readonly webhook?: string;
  readonly webhook_from_env?: string;
  readonly headers?: readonly HeaderConfiguration[];
  readonly request_transform?: JsonObject;
  readonly response_transform?: JsonObject;
  readonly cleanup_config?: JsonObject;
  readonly trigger_on_replication?: boolean;
}

export interface NativeQueryMetadata {
  readonly root_field_name: string;
  readonly code: string;
  /** A logical model's name, or the model itself. */
  readonly returns: Json;
  readonly arguments: Readonly<
    Record<string, { readonly type: string; readonly nullable: boolean; readonly description?: string }>
  >;
  readonly description?: string;
  readonly object_relationships?: readonly RelationshipMetadata[];
  readonly array_relationships?: readonly RelationshipMetadata[];
}

export interface LogicalModelMetadata {
  readonly name: string;
  readonly fields: readonly {
    readonly name: string;
    readonly type: JsonObject;
    readonly description?: string;
  }[];
  readonly description?: string;
  readonly select_permissions?: readonly PermissionMetadata<PermissionRules<SelectPermission>>[];
}

export interface RemoteSchemaMetadata {
  readonly name: string;
  readonly definition: RemoteSchemaDefinition;
  readonly comment?: string | null;
  readonly permissions?: readonly {
    readonly role: string;
    readonly definition: { readonly schema: string };
    readonly comment?: string | null;
  }[];
  readonly remote_relationships?: readonly {
    readonly type_name: string;
    readonly relationships: readonly RemoteRelationshipMetadata[];
  }[];
}

export interface RemoteSchemaDefinition {
  readonly url?: string;
  readonly url_from_env?: string;
  readonly timeout_seconds?: number;
  readonly customization?: RemoteSchemaCustomization;
  readonly headers?: readonly HeaderConfiguration[];
  readonly forward_client_headers?: boolean;
}

export interface AllowlistEntry {
  readonly collection: string;
  readonly scope: { readonly global: boolean; readonly roles?: readonly string[] };
}

export interface ActionDefinition {
  readonly handler: string;
  readonly output_type: string;
  readonly forward_client_headers?: boolean;
  readonly ignored_client_headers?: readonly string[];
  readonly headers?: readonly HeaderConfiguration[];
  readonly arguments?: readonly {
    readonly name: string;
    readonly type: string;
    readonly description?: string;
  }[];
  readonly request_transform?: JsonObject;
  readonly response_transform?: JsonObject;
  readonly type: 'mutation' | 'query';
  /** Of mutations only; absent: synchronous. */
  readonly kind?: 'synchronous' | 'asynchronous';
  /** Seconds; absent: 30. */
  readonly timeout?: number;
}

export interface ActionMetadata {
  readonly name: string;
  readonly definition: ActionDefinition;
  readonly comment?: string | null;
  readonly permissions?: readonly { readonly role: string; readonly comment?: string | null }[];
}

export interface CustomTypes {
  readonly input_objects?: readonly {
    readonly name: string;
    readonly fields: readonly {
      readonly name: string;
      readonly type: string;
      readonly description?: string;
    }[];
    readonly description?: string;
  }[];
  readonly objects?: readonly {
    readonly name: string;
    readonly fields: readonly {
      readonly name: string;
      readonly type: string;
      readonly arguments?: Json;
      readonly description?: string;
    }[];
    readonly description?: string;
    readonly relationships?: readonly {
      readonly field_mapping: Readonly<Record<string, string>>;
      readonly name: string;
      readonly remote_table: QualifiedName;
      readonly source?: string;
      readonly type: 'object' | 'array';
    }[];
  }[];
  readonly scalars?: readonly { readonly name: string; readonly description?: string }[];
  readonly enums?: readonly {
    readonly name: string;
    readonly values: readonly {
      readonly value: string;
      readonly description?: string;
      readonly is_deprecated?: boolean;
    }[];
    readonly description?: string;
  }[];
}

/** When events of the clock are tried again, and until when they are of use. */
export interface ScheduledRetry {
  readonly num_retries: number;
  readonly retry_interval_seconds: number;
  readonly timeout_seconds: number;
  readonly tolerance_seconds: number;
}

export interface CronTriggerMetadata {
  readonly name: string;
  readonly webhook: Json;
  readonly schedule: string;
  readonly include_in_metadata: boolean;
  readonly payload?: Json;
  readonly retry_conf?: ScheduledRetry;
  readonly headers?: readonly HeaderConfiguration[];
  readonly comment?: string | null;
  readonly request_transform?: JsonObject;
  readonly response_transform?: JsonObject;
}

export interface RestEndpointMetadata {
  readonly comment?: string | null;
  readonly definition: {
    readonly query: { readonly collection_name: string; readonly query_name: string };
  };
  readonly methods: readonly ('GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE')[];
  readonly name: string;
  readonly url: string;
}

/** A limit for every role without one of its own. */
export interface LimitMetadata<T> {
  readonly global?: T;
  readonly per_role?: Readonly<Record<string, T>>;
}

export interface RateLimitMetadata {
  readonly max_reqs_per_min: number;
  /** What tells callers of one role apart: nothing, their address, or session variables. */
  readonly unique_params?: 'IP' | readonly string[] | null;
}

/** Source: spec/permissions.md 10.2. */
export interface ApiLimitsMetadata {
  readonly disabled?: boolean;
  readonly depth_limit?: LimitMetadata<number>;
  readonly node_limit?: LimitMetadata<number>;
  /** In seconds. */
  readonly time_limit?: LimitMetadata<number>;
  readonly batch_limit?: LimitMetadata<number>;
  readonly rate_limit?: LimitMetadata<RateLimitMetadata>;
}

export interface TlsAllowlistEntry {
  readonly host: string;
  readonly permissions?: readonly string[];
  readonly suffix?: string;
}

export interface NetworkMetadata {
  readonly tls_allowlist?: readonly TlsAllowlistEntry[];
}

export interface OpenTelemetryConfiguration {
  readonly status: string;
  readonly data_types?: readonly ('traces' | 'metrics' | 'logs')[];
  readonly exporter_otlp?: JsonObject;
  readonly batch_span_processor?: { readonly max_export_batch_size?: number };
}

/** A webhook that sees the rows before they are written. Source: spec/permissions.md 2.7. */
export type InputValidationConfiguration = {
  readonly type: 'http';
  readonly definition: {
    readonly url: string;
    readonly headers?: readonly HeaderConfiguration[];
    /** Seconds. */
    readonly timeout: number;
    readonly forward_client_headers: boolean;
  };
};

export interface QueryTagsConfiguration {
  readonly disabled?: boolean;
  readonly format?: 'standard' | 'sqlcommenter' | 'standard_prepended';
  readonly omit_request_id?: boolean;
}

export interface RemoteSchemaCustomization {
  readonly root_fields_namespace?: string;
  readonly type_names?: {
    readonly prefix?: string;
    readonly suffix?: string;
    readonly mapping?: Readonly<Record<string, string>>;
  };
  readonly field_names?: readonly {
    readonly parent_type: string;
    readonly prefix?: string;
    readonly suffix?: string;
    readonly mapping?: Readonly<Record<string, string>>;
  }[];
}
