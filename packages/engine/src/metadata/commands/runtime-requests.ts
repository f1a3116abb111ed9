import type { QualifiedName } from '../../catalog/index.ts';
import type { Json, JsonObject } from '../../support/index.ts';
import type { DataRequest } from './data-requests.ts';
import type { EventRequest } from './events.ts';
import type { ScheduledEventRequest } from './scheduled-events.ts';

/** `true`: all; `false`: none; a list: those. */
export type Selection = boolean | readonly string[];

export interface RunSqlArguments {
  readonly source: string;
  readonly sql: string;
  readonly cascade: boolean;
  /** Null: decided by the text of the SQL. */
  readonly check_metadata_consistency: boolean | null;
  readonly read_only: boolean;
  readonly no_transaction: boolean;
}

/** Statements after which the metadata may no longer fit; the contract's own rule. Source: spec/metadata-api.md 5.4. */
const schemaChange = /\b(?:alter|drop|replace|create function|comment on)\b/i;

/** Whether the metadata is held against the database after the statements, and follows what they changed. */
export function mayChangeSchema(args: RunSqlArguments): boolean {
  return !args.read_only && (args.check_metadata_consistency ?? schemaChange.test(args.sql));
}

/** What `runtime/` does for a command that the metadata alone cannot answer. */
export type RuntimeRequest =
  | {
      readonly type: 'reload_metadata';
      readonly reload_remote_schemas: Selection;
      readonly reload_sources: Selection;
      readonly recreate_event_triggers: Selection;
      readonly reload_data_connectors: Selection;
    }
  | { readonly type: 'reload_remote_schema'; readonly name: string }
  | { readonly type: 'introspect_remote_schema'; readonly name: string }
  | { readonly type: 'get_inconsistent_metadata' }
  | { readonly type: 'drop_inconsistent_metadata' }
  | { readonly type: 'get_catalog_state' }
  | { readonly type: 'set_catalog_state'; readonly state_type: 'cli' | 'console'; readonly state: Json }
  | { readonly type: 'dump_internal_state' }
  | { readonly type: 'list_source_kinds' }
  | { readonly type: 'get_source_tables'; readonly source: string }
  | { readonly type: 'get_table_info'; readonly source: string; readonly table: QualifiedName }
  | {
      readonly type: 'suggest_relationships';
      readonly source: string;
      /** Null: all tracked tables. */
      readonly tables: readonly QualifiedName[] | null;
      readonly omit_tracked: boolean;
    }
  | ({ readonly type: 'run_sql' } & RunSqlArguments)
  | { readonly type: 'data'; readonly request: DataRequest }
  | { readonly type: 'events'; readonly request: EventRequest }
  | { readonly type: 'scheduled-events'; readonly request: ScheduledEventRequest }
  /** Belongs to a part of the engine that may not be there: events, actions, remote schemas, webhooks. */
  | { readonly type: 'other'; readonly name: string; readonly args: JsonObject };
