/**
 * Hasura metadata, version 3, as a typed document with the wire's own names. Absent keys are absent; nothing is defaulted here, so that an
 * export gives back what was put in. Source: spec/metadata-api.md 2.
 */
import type { QualifiedName } from '../catalog/index.ts';
import type { Json, JsonObject } from '../support/index.ts';

export interface Metadata {
  readonly version: 3;
  readonly sources: readonly SourceMetadata[];
  readonly remote_schemas?: readonly JsonObject[];
  readonly query_collections?: readonly QueryCollectionMetadata[];
  readonly allowlist?: readonly JsonObject[];
  readonly actions?: readonly JsonObject[];
  readonly custom_types?: JsonObject;
  readonly cron_triggers?: readonly JsonObject[];
  readonly rest_endpoints?: readonly JsonObject[];
  readonly api_limits?: JsonObject;
  readonly metrics_config?: JsonObject;
  readonly inherited_roles?: readonly InheritedRoleMetadata[];
  readonly graphql_schema_introspection?: { readonly disabled_for_roles: readonly string[] };
  readonly network?: JsonObject;
  readonly backend_configs?: JsonObject;
  readonly opentelemetry?: JsonObject;
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
  readonly native_queries?: readonly JsonObject[];
  readonly stored_procedures?: readonly JsonObject[];
  readonly logical_models?: readonly JsonObject[];
  readonly configuration: SourceConfiguration;
  readonly query_tags?: JsonObject;
  readonly customization?: SourceCustomization;
  readonly health_check?: JsonObject;
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
  readonly connection_set?: readonly JsonObject[];
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
  readonly remote_relationships?: readonly JsonObject[];
  readonly insert_permissions?: readonly PermissionMetadata<InsertPermission>[];
  readonly select_permissions?: readonly PermissionMetadata<SelectPermission>[];
  readonly update_permissions?: readonly PermissionMetadata<UpdatePermission>[];
  readonly delete_permissions?: readonly PermissionMetadata<DeletePermission>[];
  readonly event_triggers?: readonly JsonObject[];
  readonly apollo_federation_config?: JsonObject | null;
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
  readonly validate_input?: JsonObject | null;
}

export interface UpdatePermission {
  readonly columns: ColumnSelection;
  readonly filter: JsonObject;
  readonly check?: JsonObject | null;
  readonly set?: JsonObject;
  readonly backend_only?: boolean;
  readonly validate_input?: JsonObject | null;
}

export interface DeletePermission {
  readonly filter: JsonObject;
  readonly backend_only?: boolean;
  readonly validate_input?: JsonObject | null;
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
